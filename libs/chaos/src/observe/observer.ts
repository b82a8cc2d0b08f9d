import type { MemberSample, RunEvent } from '../history/run.event.js';
import type { ServerState } from '../../../cluster/src/haproxy.stats.js';
import type { MemberStatus } from '../../../cluster/src/patroni.answers.js';
import { pause } from '../../../cluster/src/wait.js';

/** A member or HAProxy that does not answer within this counts as unreachable for that sample. */
const sampleTimeoutMs = 1_000;

/** What happened to the leader key. */
export type LockChange = { readonly kind: 'released' } | { readonly kind: 'taken'; readonly by: string };

/** Follows the leader key. */
export interface LockWatch {
  start(): Promise<void>;
  stop(): void;
}

/** What is sampled. */
export interface Observed {
  readonly members: readonly string[];
  /** @throws Error where the member does not answer */
  memberStatus(member: string, signal: AbortSignal): Promise<MemberStatus>;
  /** The servers by HAProxy's checks; absent where they cannot be asked for. */
  haproxy?(signal: AbortSignal): Promise<ServerState[]>;
}

/** Watches a cluster during a run, on the clock of the operations: samples members and HAProxy, and follows the leader key. */
export class Observer {
  readonly events: RunEvent[] = [];
  readonly samples: MemberSample[] = [];
  private readonly last = new Map<string, MemberSample>();
  private readonly up = new Map<string, boolean>();
  private readonly watch: LockWatch | undefined;
  private readonly stopping = new AbortController();
  private sampling: Promise<unknown> = Promise.resolve();
  private leader: string | undefined;

  constructor(
    private readonly observed: Observed,
    private readonly nowMs: () => number,
    /** Time between two samples of a member or of HAProxy. Each sample of a member costs its Patroni a query. */
    private readonly sampleEveryMs: number,
    /** Sees each event. */
    private readonly watchEvent?: (event: RunEvent) => void,
    /** Makes what follows the leader key; absent where nobody can. */
    watchLock?: (onChange: (change: LockChange) => void) => LockWatch,
  ) {
    this.watch = watchLock?.((change) =>
      this.add(
        change.kind === 'released'
          ? { kind: 'lockReleased', source: 'etcd' }
          : { kind: 'newLock', source: 'etcd', member: change.by },
      ),
    );
  }

  async start(): Promise<void> {
    await this.watch?.start();
    const samplers = [
      ...this.observed.members.map((member) => () => this.sampleMember(member)),
      ...(this.observed.haproxy === undefined ? [] : [() => this.sampleHaproxy()]),
    ];
    this.sampling = Promise.all(samplers.map((sample) => this.repeat(sample)));
  }

  /** Adds an event that the run itself caused. */
  add(event: Omit<RunEvent, 'atMs'>): void {
    const added = { atMs: this.nowMs(), ...event };
    this.events.push(added);
    this.watchEvent?.(added);
  }

  /** Ends the watching, and repeats the last sample of each member at this moment: that is where its state ends. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.watch?.stop();
    await this.sampling;
    const atMs = this.nowMs();
    for (const sample of this.last.values()) this.samples.push({ ...sample, atMs });
  }

  /** The next sample begins only when the last one has ended: a slow member is sampled less often, and no requests pile up. */
  private async repeat(sample: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const startedMs = performance.now();
      await sample();
      await pause(Math.max(0, this.sampleEveryMs - (performance.now() - startedMs)), this.stopping.signal);
    }
  }

  private async sampleMember(member: string): Promise<void> {
    const atMs = this.nowMs();
    const status = await this.observed
      .memberStatus(member, AbortSignal.timeout(sampleTimeoutMs))
      .catch(() => undefined);
    const sample = { atMs, member, ...stateOf(status) };
    const before = this.last.get(member);
    this.last.set(member, sample);
    if (before?.role !== sample.role || before.state !== sample.state || before.timeline !== sample.timeline)
      this.samples.push(sample);
    if (sample.role === 'primary' && sample.state === 'running' && this.leader !== member) {
      if (this.leader !== undefined) this.add({ kind: 'promoted', source: 'patroni', member });
      this.leader = member;
    }
  }

  private async sampleHaproxy(): Promise<void> {
    const servers = (await this.observed.haproxy?.(AbortSignal.timeout(sampleTimeoutMs)).catch(() => [])) ?? [];
    for (const { backend, server, up } of servers) {
      if (backend !== 'leader') continue;
      const before = this.up.get(server);
      this.up.set(server, up);
      if (before === undefined || before === up) continue;
      this.add({ kind: up ? 'haproxyUp' : 'haproxyDown', source: 'haproxy', member: server, detail: backend });
    }
  }
}

/** A member's role, from what it says of itself: `primary`, `quorum_standby`, `sync_standby`, `replica` or `unreachable`. */
function stateOf(status: MemberStatus | undefined): Pick<MemberSample, 'role' | 'state' | 'timeline'> {
  if (status === undefined) return { role: 'unreachable' };
  const leads = status.role === 'primary' || status.role === 'master';
  const standby =
    status.quorum_standby === true ? 'quorum_standby' : status.sync_standby === true ? 'sync_standby' : 'replica';
  const state = leads ? status.state : (status.replication_state ?? status.state);
  return {
    role: leads ? 'primary' : standby,
    state,
    ...(status.timeline === undefined ? {} : { timeline: status.timeline }),
  };
}
