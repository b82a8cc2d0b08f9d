import type { FinalState, MemberState } from '../history/final.state.js';
import type { HistoryRecorder } from '../history/history.recorder.js';
import { Load, type LoadOptions } from '../load/load.js';
import { readState } from '../load/state.reader.js';
import type { Workload } from '../load/workload.js';
import { Observer } from '../observe/observer.js';
import { TrialBase, type TrialBaseOptions } from '../runs/trial.base.js';
import { pause, until } from '../../../cluster/src/wait.js';
import type { MemberWords } from './command.words.js';
import { deleteHttpRows, readHttpRows } from './http.rows.js';
import { deleteRows, queriesOf } from './judge.schema.js';
import type { TargetCluster } from './target.cluster.js';
import type { TargetNemesis } from './target.nemesis.js';
import type { TargetFault } from './target.schema.js';
import { isAnother, leadingIn } from './target.views.js';

/** Members of strangers are asked less often than those of the lab. */
const sampleEveryMs = 1_000;
/** Bounds the wait for a service that is down at the end. */
const httpRowsBoundMs = 60_000;

/** What a trial of a target takes. */
export interface TargetTrialOptions extends TrialBaseOptions {
  readonly cluster: TargetCluster;
  readonly nemesis: TargetNemesis;
  readonly load: LoadOptions;
}

/** A trial of a cluster that a target file describes. */
export class TargetTrial extends TrialBase<TargetTrialOptions> {
  /** What went wrong after the load has ended; each is a reason of the verdict. */
  readonly trouble: string[] = [];
  private readonly registers = new Map<string, number>();

  constructor(options: TargetTrialOptions) {
    super(options, (nowMs, watch) => new Observer(options.cluster.view, nowMs, sampleEveryMs, watch));
  }

  /** Injects a fault, waits for another leader where it should bring one, and holds it. */
  async inject(name: string, fault: TargetFault): Promise<void> {
    const { cluster, nemesis, signal, say } = this.options;
    const members = await this.membersNow();
    signal.throwIfAborted();
    say(members.leader === '' ? name : `${name} (leader ${members.leader})`);
    const before = await leadingIn(cluster.view, signal);
    this.observer.add({ kind: 'fault', source: 'chaos', member: before.name, detail: name });
    await nemesis.inject(name, fault, members, signal);
    if (fault.failover === true) {
      const { name: old, timeline } = before;
      const another = old === '' ? `somebody leads on a higher timeline than ${timeline}` : `another than ${old} leads`;
      await until({ what: another, boundMs: fault.failoverWithin, signal }, async () =>
        isAnother(before, await leadingIn(cluster.view, signal)) ? true : undefined,
      );
    }
    await pause(fault.hold, signal);
  }

  override async heal(): Promise<void> {
    await this.options.nemesis.heal('faults');
    this.observer.add({ kind: 'healed', source: 'chaos' });
  }

  override async deleteRows(): Promise<void> {
    const { http, write } = this.options.cluster;
    try {
      if (http !== undefined) await deleteHttpRows(http, (await readHttpRows(http, this.prefix, this.registers)).ids);
    } finally {
      await deleteRows(write, this.prefix);
    }
  }

  protected override prepareLoad(recorder: HistoryRecorder): Promise<Workload> {
    const { cluster, load, signal } = this.options;
    const { registers } = this;
    return Load.prepare(cluster.reach, load, recorder, () => this.nowMs(), this.prefix, { signal, registers });
  }

  protected override async healthy(boundMs: number): Promise<boolean> {
    const { cluster, signal } = this.options;
    await cluster.waitHealthy(boundMs, signal);
    return cluster.view.tellsRejoin;
  }

  protected override async readFinal(): Promise<FinalState> {
    const { cluster, signal } = this.options;
    const state = await readState(cluster, queriesOf(this.prefix, cluster.reach.sql.dialect), signal);
    const { http } = cluster;
    if (http === undefined || state.members.length === 0) return state;
    // The rows of the service are in tables of its own, which this login need not see: they tell no members apart.
    const bound = { what: 'the service shows its rows', boundMs: httpRowsBoundMs, everyMs: 1_000, signal };
    const rows = await until(bound, () => readHttpRows(http, this.prefix, this.registers)).catch((error: Error) => {
      signal.throwIfAborted();
      this.trouble.push(`the writes of the service count as lost: ${error.message}`);
    });
    if (rows === undefined) return state;
    const withRows = (member: MemberState): MemberState => ({
      ...member,
      unique: new Map([...member.unique, ...rows.unique]),
      shared: new Map([...member.shared, ...rows.shared]),
    });
    return { ...state, leader: withRows(state.leader), members: state.members.map(withRows) };
  }

  /** The names for commands. A target that names no members has commands that ask for none. */
  private async membersNow(): Promise<MemberWords> {
    const { view, namesMembers } = this.options.cluster;
    if (!namesMembers) return { leader: '', replica: '', replicas: '' };
    const leader = await view.leader();
    const replicas = view.members.filter((member) => member !== leader);
    return { leader, replica: replicas[0] ?? '', replicas: replicas.join(' ') };
  }
}
