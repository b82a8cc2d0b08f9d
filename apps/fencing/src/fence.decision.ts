/** A container as `docker inspect` shows it at one moment. */
export interface ContainerState {
  readonly id: string;
  readonly name: string;
  /** What the container calls itself; Patroni takes its member name from it. */
  readonly hostname: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly status: string;
  readonly running: boolean;
  readonly paused: boolean;
  readonly restarting: boolean;
  /** RFC 3339; another value means another life of the same container. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** The leader key of Patroni in etcd: who leads, and the lease that his keys hang on. */
export interface LeaderLock {
  readonly member: string;
  readonly lease: string;
}

/** What is known about one reported death, gathered in this order. */
export interface Evidence {
  readonly death: {
    readonly containerId: string;
    /** What the container of this member is called. */
    readonly containerName: string;
    /** The Compose service, which is the member's name. */
    readonly member: string;
  };
  /** Before the lock was read. `unreachable`: Docker did not answer. */
  readonly before: ContainerState | 'gone' | 'unreachable';
  /** A linearizable read. */
  readonly lock: LeaderLock | 'absent' | 'unreachable';
  /** After the lock was read. */
  readonly after: ContainerState | 'gone' | 'unreachable';
  /** Ids of all containers made for this member, dead or alive, the dead one included. After the lock was read. */
  readonly claimants: readonly string[] | 'unreachable';
}

/** Why a death was fenced, left alone, or looked at again: a label of the log and of the metrics. */
export type Reason =
  | 'confirmed-dead'
  | 'docker-unreachable'
  | 'etcd-unreachable'
  | 'container-gone'
  | 'renamed'
  | 'not-a-member'
  | 'twin'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'not-exited'
  | 'restarted-in-between'
  | 'no-leader'
  | 'another-leads';

/** `fence`: revoke exactly this lease. `leave`: do nothing, now and later. `doubt`: do nothing, but look again. */
export type Decision =
  | { readonly action: 'fence'; readonly reason: 'confirmed-dead'; readonly lock: LeaderLock }
  | { readonly action: 'leave' | 'doubt'; readonly reason: Exclude<Reason, 'confirmed-dead'> };

const leave = (reason: Exclude<Reason, 'confirmed-dead'>): Decision => ({ action: 'leave', reason });
const doubt = (reason: Exclude<Reason, 'confirmed-dead'>): Decision => ({ action: 'doubt', reason });

/**
 * Whether the lock of a member may be taken away because its container died.
 *
 * Only a node that is certainly dead may lose its lock, for one that still runs may still accept commits. The container was
 * dead before the lock was read and after it, it is the same death, and after the read no other container of that member
 * is there: so whoever held the lease that was read ran in it and is gone. A life begun since then holds another lease, which revoking this one does not touch.
 */
export function decide({ death, before, lock, after, claimants }: Evidence): Decision {
  if (before === 'unreachable' || after === 'unreachable' || claimants === 'unreachable') {
    return doubt('docker-unreachable');
  }
  if (before === 'gone' || after === 'gone') return leave('container-gone');
  const alive = signOfLife(before) ?? signOfLife(after);
  if (alive !== undefined) return leave(alive);
  if (before.startedAt !== after.startedAt || before.finishedAt !== after.finishedAt)
    return leave('restarted-in-between');
  if (before.name !== death.containerName || after.name !== death.containerName) return leave('renamed');
  if (after.hostname !== death.member) return leave('not-a-member');
  // Two containers with one name share one lock, and it does not tell whose it is.
  if (claimants.length !== 1 || claimants[0] !== death.containerId) return leave('twin');
  if (lock === 'unreachable') return doubt('etcd-unreachable');
  if (lock === 'absent') return leave('no-leader');
  if (lock.member !== death.member) return leave('another-leads');
  return { action: 'fence', reason: 'confirmed-dead', lock };
}

/** A paused container counts as alive: its processes go on where they stopped, with sockets and buffers as they were. */
function signOfLife(look: ContainerState): 'paused' | 'restarting' | 'running' | 'not-exited' | undefined {
  if (look.paused) return 'paused';
  if (look.restarting) return 'restarting';
  if (look.running) return 'running';
  return look.status === 'exited' ? undefined : 'not-exited';
}
