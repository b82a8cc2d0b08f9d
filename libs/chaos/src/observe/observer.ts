import type { MemberSample, RunEvent } from '../history/run.event.js';
import type { Lab, MemberSelf } from '../../../cluster/src/lab.js';
import { pause } from '../../../cluster/src/wait.js';
import { EtcdWatch } from './etcd.watch.js';

/** Of one look: a member that does not answer within it is unreachable at that moment. */
const sampleTimeoutMs = 1_000;

/** Watches the cluster during a run, on the clock of the operations: Patroni and HAProxy by looking, etcd by its watch. */
export class Observer {
  readonly events: RunEvent[] = [];
  readonly samples: MemberSample[] = [];
  private readonly last = new Map<string, MemberSample>();
  private readonly up = new Map<string, boolean>();
  private readonly watch: EtcdWatch;
  private readonly stopping = new AbortController();
  private looking: Promise<unknown> = Promise.resolve();
  private leader: string | undefined;

  constructor(
    private readonly lab: Lab,
    private readonly nowMs: () => number,
    /** Between two looks at one thing. Each costs Patroni a query. */
    private readonly intervalMs: number,
  ) {
    this.watch = new EtcdWatch(lab, (change) =>
      this.add(
        change.kind === 'released'
          ? { kind: 'lockReleased', source: 'etcd' }
          : { kind: 'newLock', source: 'etcd', member: change.by },
      ),
    );
  }

  async start(): Promise<void> {
    await this.watch.start();
    const loops = [...this.lab.members.map((member) => () => this.lookAt(member)), () => this.lookAtHaproxy()];
    this.looking = Promise.all(loops.map((look) => this.repeat(look)));
  }

  /** Something that the run itself did. */
  add(event: Omit<RunEvent, 'atMs'>): void {
    this.events.push({ atMs: this.nowMs(), ...event });
  }

  /** Ends the bands: the last known state of each member is repeated at this moment. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.watch.stop();
    await this.looking;
    const atMs = this.nowMs();
    for (const sample of this.last.values()) this.samples.push({ ...sample, atMs });
  }

  /** Only when nothing is under way does the next look begin: a slow member makes its band coarser, not the machine busier. */
  private async repeat(look: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const startedMs = performance.now();
      await look();
      await pause(Math.max(0, this.intervalMs - (performance.now() - startedMs)), this.stopping.signal);
    }
  }

  private async lookAt(member: string): Promise<void> {
    const atMs = this.nowMs();
    const self = await this.lab.self(member, AbortSignal.timeout(sampleTimeoutMs)).catch(() => undefined);
    const sample = { atMs, member, ...bandOf(self) };
    const before = this.last.get(member);
    this.last.set(member, sample);
    if (before?.role !== sample.role || before.state !== sample.state || before.timeline !== sample.timeline)
      this.samples.push(sample);
    if (sample.role === 'primary' && sample.state === 'running' && this.leader !== member) {
      if (this.leader !== undefined) this.add({ kind: 'promoted', source: 'patroni', member });
      this.leader = member;
    }
  }

  private async lookAtHaproxy(): Promise<void> {
    const servers = await this.lab.haproxy(AbortSignal.timeout(sampleTimeoutMs)).catch(() => []);
    for (const { backend, server, up } of servers) {
      if (backend !== 'leader') continue;
      const before = this.up.get(server);
      this.up.set(server, up);
      if (before === undefined || before === up) continue;
      this.add({ kind: up ? 'haproxyUp' : 'haproxyDown', source: 'haproxy', member: server, detail: backend });
    }
  }
}

/** What a member's own words mean for its band: `primary`, `quorum_standby`, `sync_standby`, `replica`, `unreachable`. */
function bandOf(self: MemberSelf | undefined): Pick<MemberSample, 'role' | 'state' | 'timeline'> {
  if (self === undefined) return { role: 'unreachable' };
  const leads = self.role === 'primary' || self.role === 'master';
  const standby =
    self.quorum_standby === true ? 'quorum_standby' : self.sync_standby === true ? 'sync_standby' : 'replica';
  const state = leads ? self.state : (self.replication_state ?? self.state);
  return {
    role: leads ? 'primary' : standby,
    state,
    ...(self.timeline === undefined ? {} : { timeline: self.timeline }),
  };
}
