/** The state of a container at one moment, by `docker inspect`. */
export interface ContainerState {
  readonly id: string;
  readonly name: string;
  /** The container's own hostname, from which Patroni takes the member name. */
  readonly hostname: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly status: string;
  readonly running: boolean;
  readonly paused: boolean;
  readonly restarting: boolean;
  /** RFC 3339. Another value means that the container was started again. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** Patroni's leader key in etcd: the member that leads, and the lease of its keys. */
export interface LeaderLock {
  readonly member: string;
  readonly lease: string;
}

/** What is known about one reported death. The fields were read in this order. */
export interface Evidence {
  readonly death: {
    readonly containerId: string;
    /** The name that the container of this member has. */
    readonly containerName: string;
    /** The Compose service, which is the member's name. */
    readonly member: string;
  };
  /** The container before the lock was read. `unreachable`: Docker did not answer. */
  readonly before: ContainerState | 'gone' | 'unreachable';
  /** The lock, by a linearizable read. */
  readonly lock: LeaderLock | 'absent' | 'unreachable';
  /** The container after the lock was read. */
  readonly after: ContainerState | 'gone' | 'unreachable';
  /** Ids of all containers made for this member, dead or alive, with the dead one. Listed after the lock was read. */
  readonly claimants: readonly string[] | 'unreachable';
}

/** Why a leader was fenced, left alone, or looked at again. The log and the metrics have it. */
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

/** `fence`: revoke exactly this lease. `leave`: do nothing. `doubt`: do nothing yet, and look again. */
export type Decision =
  | { readonly action: 'fence'; readonly reason: 'confirmed-dead'; readonly lock: LeaderLock }
  | { readonly action: 'leave' | 'doubt'; readonly reason: Exclude<Reason, 'confirmed-dead'> };

const leave = (reason: Exclude<Reason, 'confirmed-dead'>): Decision => ({ action: 'leave', reason });
const doubt = (reason: Exclude<Reason, 'confirmed-dead'>): Decision => ({ action: 'doubt', reason });

/**
 * Decides whether the lock of a member may be released because its container died.
 *
 * Only a member that is certainly dead may lose its lock, for one that runs may still accept commits. The evidence proves it: the
 * container was dead before and after the lock was read, by the same death, and after that read the member had no other container.
 * So the process that held the lease ran in this container, and is gone. A process started since then has another lease, which is
 * not revoked.
 */
export function decide({ death, before, lock, after, claimants }: Evidence): Decision {
  if (before === 'unreachable' || after === 'unreachable' || claimants === 'unreachable') {
    return doubt('docker-unreachable');
  }
  if (before === 'gone' || after === 'gone') return leave('container-gone');
  const alive = whyAlive(before) ?? whyAlive(after);
  if (alive !== undefined) return leave(alive);
  if (before.startedAt !== after.startedAt || before.finishedAt !== after.finishedAt)
    return leave('restarted-in-between');
  if (before.name !== death.containerName || after.name !== death.containerName) return leave('renamed');
  if (after.hostname !== death.member) return leave('not-a-member');
  // Two containers of one member share its lock, which does not tell which of them holds it.
  if (claimants.length !== 1 || claimants[0] !== death.containerId) return leave('twin');
  if (lock === 'unreachable') return doubt('etcd-unreachable');
  if (lock === 'absent') return leave('no-leader');
  if (lock.member !== death.member) return leave('another-leads');
  return { action: 'fence', reason: 'confirmed-dead', lock };
}

/** Why the container counts as alive. A paused one does: unpaused, its processes go on with the same sockets and buffers. */
function whyAlive(state: ContainerState): 'paused' | 'restarting' | 'running' | 'not-exited' | undefined {
  if (state.paused) return 'paused';
  if (state.restarting) return 'restarting';
  if (state.running) return 'running';
  return state.status === 'exited' ? undefined : 'not-exited';
}
