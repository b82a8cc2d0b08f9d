import type { RunRecord } from '../checkers/check.js';
import { firstMs } from '../checkers/phases.js';
import type { FinalState } from '../history/final.state.js';
import { readHistory, writeFinalState } from '../history/history.file.js';
import { HistoryRecorder } from '../history/history.recorder.js';
import type { MemberSample, RunEvent } from '../history/run.event.js';
import { until } from '../../../cluster/src/wait.js';
import type { Observer } from '../observe/observer.js';
import type { Workload } from '../load/workload.js';
import { discardRows } from './discarded.rows.js';
import type { RunWatch } from './run.watch.js';

/** What every trial takes, whatever it is about. */
export interface TrialBaseOptions {
  /** The path for a file of the trial, for example its `history.jsonl`. The folder must exist. */
  readonly path: (kind: string) => string;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Prints for people what is being done. */
  readonly say: (line: string) => void;
  readonly watch?: RunWatch | undefined;
}

/** Makes the observer of a trial. */
export type MakeObserver = (nowMs: () => number, watch: (event: RunEvent) => void) => Observer;

/**
 * A load on a cluster, the faults injected meanwhile, and the history of its clients. Its record goes to the checkers
 * (`checkRun`). What is loaded and broken, and how, a subclass says.
 */
export abstract class TrialBase<Options extends TrialBaseOptions = TrialBaseOptions> {
  /** Wall clock when the trial began: time zero of its operations and events. */
  readonly startedAt = new Date();
  /** Every key and name that its clients write begins with it. */
  readonly prefix = `chaos-${this.startedAt.getTime().toString(36)}`;
  private readonly zeroMs = performance.now();
  protected readonly observer: Observer;
  private readonly recorder: HistoryRecorder;
  private load: Workload | undefined;
  private stopped: Promise<void> | undefined;
  private discarded: Promise<void> | undefined;

  protected constructor(
    protected readonly options: Options,
    makeObserver: MakeObserver,
  ) {
    const { path, watch } = options;
    const nowMs = () => this.nowMs();
    this.observer = makeObserver(nowMs, (event) => watch?.event?.(event));
    this.recorder = new HistoryRecorder(path('history.jsonl'), nowMs, (operation) => watch?.operation?.(operation));
  }

  /** Makes the clients, which record in the history of the trial. */
  protected abstract prepareLoad(recorder: HistoryRecorder): Promise<Workload>;

  /** Heals what is broken. */
  abstract heal(): Promise<void>;

  /** Resolves when the cluster is healthy. @returns whether it is certain that it is: not every cluster tells */
  protected abstract healthy(boundMs: number): Promise<boolean>;

  /** The rows of the trial as the members have them now. */
  protected abstract readFinal(): Promise<FinalState>;

  /** Deletes the rows of the trial. */
  abstract deleteRows(): Promise<void>;

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

  /** Starts the observer and the load. What a load that can't begin has written is deleted. */
  async start(): Promise<void> {
    await this.observer.start();
    try {
      this.load = await this.prepareLoad(this.recorder);
    } catch (error) {
      await this.discardRows();
      throw error;
    }
    this.load.start();
    this.options.watch?.loadBegins?.(() => (this.load?.backlog ?? 0) + this.recorder.underWay);
  }

  /** Resolves when no operation waits for a client. */
  async caughtUp(boundMs: number): Promise<void> {
    const { signal } = this.options;
    await until({ what: 'clients have caught up', boundMs, signal }, () =>
      (this.load?.backlog ?? 0) === 0 ? true : undefined,
    );
  }

  /** Deletes the rows of the trial where that can be done, see `discardRows`. Once is enough; it may be called again. */
  discardRows(): Promise<void> {
    return (this.discarded ??= discardRows(this.prefix, () => this.deleteRows(), this.options.say));
  }

  /** Resolves when the cluster is healthy. */
  async settle(boundMs: number): Promise<void> {
    if (await this.healthy(boundMs)) this.observer.add({ kind: 'rejoined', source: 'chaos' });
  }

  /** Ends the load once its operations have ended, then the observer. May be called again. */
  stop(): Promise<void> {
    return (this.stopped ??= this.end());
  }

  /** History, events, and the rows that the members have now. Call {@link stop} first. */
  async record(): Promise<RunRecord> {
    const { path } = this.options;
    const final = await this.readFinal();
    await writeFinalState(path('final.jsonl'), final);
    return { history: await readHistory(path('history.jsonl')), final, events: this.observer.events };
  }

  private async end(): Promise<void> {
    try {
      await this.load?.stop(this.options.signal);
    } finally {
      await this.observer.stop().finally(() => this.recorder.close());
    }
  }
}
