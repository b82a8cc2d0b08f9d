import type { RunRecord } from '../checkers/check.js';
import { catchUpBoundMs } from '../faults/bounds.js';
import type { FaultContext } from '../faults/fault.js';
import type { Nemesis } from '../faults/nemesis.js';
import { type FinalState, finalStateOf } from '../history/final.state.js';
import { writeFinalState } from '../history/history.file.js';
import type { HistoryRecorder } from '../history/history.recorder.js';
import type { Recovery } from '../history/recovery.js';
import type { RunEvent } from '../history/run.event.js';
import type { Lab } from '../../../cluster/src/lab.js';
import { deleteRows, readFinalState } from '../load/final.state.reader.js';
import { reachOf } from '../load/lab.reach.js';
import { Load, type LoadOptions } from '../load/load.js';
import { EtcdWatch } from '../observe/etcd.watch.js';
import type { FaultMarks } from '../observe/fault.marks.js';
import { Observer } from '../observe/observer.js';
import type { Workload } from '../load/workload.js';
import type { Random } from '../random/random.js';
import { injectFault, type Injection } from './injection.js';
import { TrialBase, type TrialBaseOptions } from './trial.base.js';

/** Makes clients that record in the history of a trial. Every key that they write must begin with `prefix`. */
export type PrepareWorkload = (lab: Lab, recorder: HistoryRecorder, prefix: string) => Promise<Workload>;

/** What a trial of the lab takes. */
export interface TrialOptions extends TrialBaseOptions {
  readonly lab: Lab;
  readonly nemesis: Nemesis;
  /** The usual clients, or others. */
  readonly load: LoadOptions | PrepareWorkload;
  /** Time between two samples of a member or of HAProxy. */
  readonly sampleEveryMs: number;
  readonly random: Random;
  /** How long a fault without a length of its own lasts. */
  readonly durationMs?: number | undefined;
  /** See `FaultContext`. @default 0 */
  readonly alertsHoldMs?: number | undefined;
  /** Tells Prometheus which fault is on. */
  readonly marks?: FaultMarks | undefined;
}

/** A trial of the lab. Runs of the chaos tool, drills and benchmarks share it. */
export class Trial extends TrialBase<TrialOptions> {
  private recovery: Recovery | undefined;

  constructor(options: TrialOptions) {
    const { lab, sampleEveryMs, marks } = options;
    super(options, (nowMs, watch) => {
      const see = (event: RunEvent) => {
        watch(event);
        marks?.see(event);
      };
      return new Observer(lab, nowMs, sampleEveryMs, see, (onChange) => new EtcdWatch(lab, onChange));
    });
  }

  /**
   * Injects a fault and holds it for `holdMs`. What it breaks stays broken until {@link heal}.
   *
   * @param signal ends the wait for a failover and the hold early @default the trial's own
   */
  async inject(fault: Injection, holdMs = fault.holdMs, signal = this.options.signal): Promise<void> {
    await this.injectIn(await this.context(signal), fault, holdMs);
  }

  /** @param services heals only what is broken of these services @default everything */
  override async heal(...services: string[]): Promise<void> {
    await this.options.nemesis.heal(...services);
    this.observer.add({ kind: 'healed', source: 'chaos' });
  }

  override async record(): Promise<RunRecord> {
    const record = await super.record();
    const { recovery } = this;
    if (recovery !== undefined)
      await writeFinalState(this.options.path('restored.jsonl'), finalStateOf(recovery.restored));
    return { ...record, recovery };
  }

  override async deleteRows(): Promise<void> {
    await deleteRows(this.options.lab, this.prefix);
  }

  protected override prepareLoad(recorder: HistoryRecorder): Promise<Workload> {
    const { lab, load, signal } = this.options;
    return typeof load === 'function'
      ? load(lab, recorder, this.prefix)
      : Load.prepare(reachOf(lab.settings, load.apiPort), load, recorder, () => this.nowMs(), this.prefix, { signal });
  }

  protected override async healthy(boundMs: number): Promise<boolean> {
    await this.options.lab.waitHealthy(boundMs, this.options.signal);
    return true;
  }

  protected override readFinal(): Promise<FinalState> {
    return readFinalState(this.options.lab, this.prefix, this.options.signal);
  }

  private injectIn(context: FaultContext, fault: Injection, holdMs: number): Promise<void> {
    return injectFault(fault, holdMs, context, (event) => this.observer.add(event));
  }

  /** The cluster as it is now, and what a fault may do to it. */
  private async context(signal: AbortSignal): Promise<FaultContext> {
    const { lab, nemesis, random, say, durationMs, alertsHoldMs = 0 } = this.options;
    const leader = await lab.leader();
    const [first, second, ...more] = lab.members.filter((member) => member !== leader);
    if (first === undefined || second === undefined || more.length > 0)
      throw new Error('a cluster of three members is needed');
    const context: FaultContext = {
      lab,
      nemesis,
      leader,
      replicas: [first, second],
      etcdLeader: await lab.etcdLeader(),
      random,
      signal,
      durationMs,
      alertsHoldMs,
      say,
      inject: (fault, holdMs) => this.injectIn(context, fault, holdMs),
      caughtUp: () => this.caughtUp(catchUpBoundMs),
      healed: (fault) => this.observer.add({ kind: 'healed', source: 'chaos', detail: fault.name }),
      refreshed: () => this.context(signal),
      prefix: this.prefix,
      nowMs: () => this.nowMs(),
      recovered: (recovery) => {
        this.recovery = recovery;
      },
    };
    return context;
  }
}
