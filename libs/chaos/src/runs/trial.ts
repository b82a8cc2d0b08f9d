import type { RunRecord } from '../checkers/check.js';
import { firstMs } from '../checkers/phases.js';
import type { FaultContext } from '../faults/fault.js';
import type { Nemesis } from '../faults/nemesis.js';
import { finalStateOf } from '../history/final.state.js';
import { readHistory, writeFinalState } from '../history/history.file.js';
import { HistoryRecorder } from '../history/history.recorder.js';
import type { Recovery } from '../history/recovery.js';
import type { MemberSample } from '../history/run.event.js';
import type { Lab } from '../../../cluster/src/lab.js';
import { until } from '../../../cluster/src/wait.js';
import { deleteRows, readFinalState } from '../load/final.state.reader.js';
import { Load, type LoadOptions } from '../load/load.js';
import { Observer } from '../observe/observer.js';
import type { Workload } from '../load/workload.js';
import type { Random } from '../random/random.js';
import { injectFault, type Injection } from './injection.js';
import type { RunWatch } from './run.watch.js';

/** Operations that waited during an outage must be sent within this. */
const catchUpBoundMs = 300_000;

/** Makes clients that record in the history of a trial. Every key that they write must begin with `prefix`. */
export type PrepareWorkload = (lab: Lab, recorder: HistoryRecorder, prefix: string) => Promise<Workload>;

/** What a trial takes. */
export interface TrialOptions {
  readonly lab: Lab;
  readonly nemesis: Nemesis;
  /** The usual clients, or others. */
  readonly load: LoadOptions | PrepareWorkload;
  /** The path for a file of the trial, for example its `history.jsonl`. The folder must exist. */
  readonly path: (kind: string) => string;
  /** Time between two samples of a member or of HAProxy. */
  readonly sampleEveryMs: number;
  readonly random: Random;
  /** How long a fault without a length of its own lasts. */
  readonly durationMs?: number | undefined;
  /** See `FaultContext`. @default 0 */
  readonly alertsHoldMs?: number | undefined;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Prints for people what is being done. */
  readonly say: (line: string) => void;
  readonly watch?: RunWatch | undefined;
}

/**
 * A load on the lab, the faults injected meanwhile, and the history of its clients. Runs of the chaos tool, drills and benchmarks
 * share it. Its record goes to the checkers (`checkRun`).
 */
export class Trial {
  /** Wall clock when the trial began: time zero of its operations and events. */
  readonly startedAt = new Date();
  /** Every key and name that its clients write begins with it. */
  readonly prefix = `chaos-${this.startedAt.getTime().toString(36)}`;
  private readonly zeroMs = performance.now();
  private readonly observer: Observer;
  private readonly recorder: HistoryRecorder;
  private load: Workload | undefined;
  private stopped: Promise<void> | undefined;
  private recovery: Recovery | undefined;

  constructor(private readonly options: TrialOptions) {
    const { lab, path, sampleEveryMs, watch } = options;
    const nowMs = () => this.nowMs();
    this.observer = new Observer(lab, nowMs, sampleEveryMs, (event) => watch?.event?.(event));
    this.recorder = new HistoryRecorder(path('history.jsonl'), nowMs, (operation) => watch?.operation?.(operation));
  }

  /** Milliseconds since the trial began. */
  nowMs(): number {
    return performance.now() - this.zeroMs;
  }

  /** The samples of members so far. */
  get samples(): readonly MemberSample[] {
    return this.observer.samples;
  }

  /** When the first fault was injected; undefined before. */
  get faultMs(): number | undefined {
    return firstMs(this.observer.events, 'fault');
  }

  /** When a fault that heals by itself was healed last; undefined before. */
  get healedMs(): number | undefined {
    return this.observer.events.findLast(({ kind }) => kind === 'healed')?.atMs;
  }

  /** Starts the observer and the load. */
  async start(): Promise<void> {
    const { lab, load } = this.options;
    await this.observer.start();
    this.load =
      typeof load === 'function'
        ? await load(lab, this.recorder, this.prefix)
        : await Load.prepare(lab.settings, load, this.recorder, () => this.nowMs(), this.prefix);
    this.load.start();
  }

  /** Resolves when no operation waits for a client. */
  async caughtUp(boundMs: number): Promise<void> {
    const { signal } = this.options;
    await until({ what: 'clients have caught up', boundMs, signal }, () =>
      (this.load?.backlog ?? 0) === 0 ? true : undefined,
    );
  }

  /**
   * Injects a fault and holds it for `holdMs`. What it breaks stays broken until {@link heal}.
   *
   * @param signal ends the wait for a failover and the hold early @default the trial's own
   */
  async inject(fault: Injection, holdMs = fault.holdMs, signal = this.options.signal): Promise<void> {
    await this.injectIn(await this.context(signal), fault, holdMs);
  }

  /**
   * Heals what is broken.
   *
   * @param services heals only what is broken of these services @default everything
   */
  async heal(...services: string[]): Promise<void> {
    await this.options.nemesis.heal(...services);
    this.observer.add({ kind: 'healed', source: 'chaos' });
  }

  /** Resolves when the lab is healthy. */
  async settle(boundMs: number): Promise<void> {
    await this.options.lab.waitHealthy(boundMs, this.options.signal);
    this.observer.add({ kind: 'rejoined', source: 'chaos' });
  }

  /** Ends the load once its operations have ended, then the observer. May be called again. */
  stop(): Promise<void> {
    return (this.stopped ??= this.end());
  }

  /** History, events, and the rows that the members have now. Call {@link stop} first. */
  async record(): Promise<RunRecord> {
    const { lab, path, signal } = this.options;
    const final = await readFinalState(lab, this.prefix, signal);
    await writeFinalState(path('final.jsonl'), final);
    const { recovery } = this;
    if (recovery !== undefined) await writeFinalState(path('restored.jsonl'), finalStateOf(recovery.restored));
    return { history: await readHistory(path('history.jsonl')), final, events: this.observer.events, recovery };
  }

  /** Deletes the rows of the trial. */
  async deleteRows(): Promise<void> {
    await deleteRows(this.options.lab, this.prefix);
  }

  private async end(): Promise<void> {
    await this.load?.stop(this.options.signal);
    await this.observer.stop();
    await this.recorder.close();
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
