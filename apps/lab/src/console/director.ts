import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '../../../../libs/cluster/src/wait.js';
import {
  demonstrationBoundMs,
  type Activity,
  type ClientView,
  type PhaseMark,
  type Prediction,
  type RunView,
} from '../../../../libs/live/src/protocol.js';
import type { Change } from './changes.js';
import { predictionFile, type RunFolders } from './run.views.js';
import type { Report } from './worker.messages.js';
import { type Worker, WorkerRefusedError } from './worker.process.js';

/** Operations per second of a run where no load was on: as `chaos run` does it. */
const usualRatePerSecond = 120;
/** A request is answered by then, also while the worker still waits for a healthy lab. The log tells how it went on. */
const answerMs = 5_000;

/** Starts a worker, and passes on what it reports; `signal` gives up. @throws WorkerRefusedError */
export type StartWorker = (take: (report: Report) => void, signal: AbortSignal) => Promise<Worker>;

/** A run that was asked for. */
interface Run extends Extract<Activity, { kind: 'run' }> {
  readonly folder: string;
  readonly faultAtMs: number | undefined;
  /** Whether the worker knows of it. */
  readonly isTold: boolean;
}

/** Makes the folder of a run, and keeps the prediction there. */
async function writeDown({ folder, prediction }: Run): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (prediction !== null) await writeFile(join(folder, predictionFile), JSON.stringify(prediction));
}

/**
 * Decides what the console does with the lab: one thing at a time, by one worker. A request only says what is wanted; one loop
 * ({@link drive}) brings that about, so that no two requests get in each other's way.
 */
export class Director {
  private wantedRatePerSecond = 0;
  private run: Run | undefined;
  private healLeftovers = false;
  private isDemonstrating = false;
  private readonly closing = new AbortController();

  private worker: Worker | undefined;
  private toldRatePerSecond = 0;
  private driving: Promise<void> | undefined;
  private seenClient: ClientView | null = null;
  private refusal: WorkerRefusedError | undefined;
  private refusals = 0;
  /** Why the lab could not be healed when the last worker ended. */
  private notHealed: Error | undefined;
  private seenRun: RunView | null = null;

  constructor(
    private readonly folders: RunFolders,
    private readonly tell: (change: Change) => void,
    private readonly startWorker: StartWorker,
  ) {}

  get client(): ClientView | null {
    return this.seenClient;
  }

  /** The newest run of this console that has a result. */
  get lastRun(): RunView | null {
    return this.seenRun;
  }

  /** @param elsewhere why another program has the lab, if one has; this console's own worker counts as one there */
  activity(nowMs: number, elsewhere: string | undefined): Activity {
    if (this.run !== undefined) {
      const { folder: _folder, isTold: _isTold, faultAtMs, ...run } = this.run;
      return { ...run, sinceFaultMs: faultAtMs === undefined ? null : nowMs - faultAtMs };
    }
    if (this.wantedRatePerSecond > 0) return { kind: 'load', ratePerSecond: this.wantedRatePerSecond };
    const isOurs = this.worker !== undefined || this.driving !== undefined;
    return elsewhere === undefined || isOurs ? { kind: 'idle' } : { kind: 'elsewhere', why: elsewhere };
  }

  /** Starts or changes the load, or ends it with 0. During a run this holds for afterwards. @throws WorkerRefusedError */
  async load(ratePerSecond: number): Promise<void> {
    this.refuseWhenClosed();
    if (ratePerSecond !== this.wantedRatePerSecond)
      this.tell({
        source: 'console',
        text: ratePerSecond === 0 ? 'load ends' : `load of ${ratePerSecond} operations a second`,
      });
    this.wantedRatePerSecond = ratePerSecond;
    await this.asked();
  }

  /**
   * Asks for a run.
   *
   * @throws WorkerRefusedError while another one or a demonstration goes on, here or elsewhere, or when the lab is not healthy
   */
  async break(fault: string, prediction: Prediction | null): Promise<void> {
    this.refuseWhenClosed();
    if (this.run !== undefined) throw new WorkerRefusedError(`${this.run.fault} goes on. Wait for its verdict`, true);
    if (this.isDemonstrating) throw new WorkerRefusedError('a demonstration goes on. Wait for its counts', true);
    this.run = {
      kind: 'run',
      fault,
      phase: 'preparing',
      doing: 'the lab must be healthy first',
      sinceFaultMs: null,
      marks: [],
      prediction,
      healedEarly: false,
      folder: join(this.folders.root, new Date().toISOString().replaceAll(/[:.]/g, '-')),
      faultAtMs: undefined,
      isTold: false,
    };
    this.tell({ source: 'console', text: `run of ${fault} begins` });
    await this.asked();
  }

  /** Heals what the run that goes on has broken. Without one, heals what an earlier program has left. @throws WorkerRefusedError */
  async heal(): Promise<void> {
    // A worker that is there has healed what was left, and heals its runs itself: it would never be told that this is done.
    if (this.run === undefined) this.healLeftovers = this.worker === undefined;
    else {
      if (!['preparing', 'baseline', 'broken'].includes(this.run.phase)) return;
      this.run = { ...this.run, healedEarly: true };
      if (this.run.isTold) this.worker?.tell({ kind: 'heal' });
      this.tell({ source: 'console', text: 'healing was asked for' });
    }
    await this.asked();
  }

  /**
   * Shows what a lesson asks for. One demonstration at a time, and none beside a run, here or elsewhere: it would be load that nobody
   * has asked the run for.
   *
   * @param show gets a signal that gives up
   * @param elsewhere as in {@link activity}
   * @throws WorkerRefusedError while something else goes on
   * @throws Error of `show`, or after {@link demonstrationBoundMs}
   */
  async demonstrate<Counts>(
    show: (signal: AbortSignal) => Promise<Counts>,
    elsewhere: string | undefined,
  ): Promise<Counts> {
    this.refuseWhenClosed();
    if (this.isDemonstrating) throw new WorkerRefusedError('another demonstration goes on. Wait for its counts', true);
    const now = this.activity(0, elsewhere);
    if (now.kind === 'run') throw new WorkerRefusedError(`${now.fault} goes on. Wait for its verdict`, true);
    if (now.kind === 'elsewhere') throw new WorkerRefusedError(now.why, true);
    const bound = AbortSignal.timeout(demonstrationBoundMs);
    this.isDemonstrating = true;
    try {
      return await show(AbortSignal.any([bound, this.closing.signal]));
    } catch (cause) {
      if (!bound.aborted) throw cause;
      throw new Error(
        `the demonstration was given up after ${demonstrationBoundMs / 1_000} s. Does the service answer?`,
        {
          cause,
        },
      );
    } finally {
      this.isDemonstrating = false;
    }
  }

  /** Nobody watches any more: heals, and ends the load. A run goes on to its verdict. */
  async leave(): Promise<void> {
    this.wantedRatePerSecond = 0;
    await (this.run === undefined ? this.asked() : this.heal());
  }

  /** Heals the lab and ends the worker. @throws Error when that was not possible, or takes too long */
  async close(): Promise<void> {
    this.closing.abort();
    this.wantNothing();
    await this.driving;
    await this.drive();
    if (this.notHealed !== undefined) throw this.notHealed;
  }

  private refuseWhenClosed(): void {
    if (this.closing.signal.aborted) throw new WorkerRefusedError('the console is ending', true);
  }

  /** Waits until what was asked is done or refused, but not for long. */
  private async asked(): Promise<void> {
    const before = this.refusals;
    const answered = new AbortController();
    await Promise.race([this.drive(), pause(answerMs, answered.signal)]);
    answered.abort();
    if (this.refusals !== before && this.refusal !== undefined) throw this.refusal;
  }

  private get isNeeded(): boolean {
    return this.wantedRatePerSecond > 0 || this.run !== undefined || this.healLeftovers;
  }

  private drive(): Promise<void> {
    this.driving ??= this.untilDone().finally(() => {
      this.driving = undefined;
    });
    return this.driving;
  }

  /** Never fails: what cannot be done is told and given up by its step. Two of its callers are awaited by nobody. */
  private async untilDone(): Promise<void> {
    while (await this.nextStep());
  }

  /** @returns whether something was done, so that there may be more to do */
  private async nextStep(): Promise<boolean> {
    const { worker, run } = this;
    if (worker === undefined) {
      if (!this.isNeeded) return false;
      await this.begin();
      return true;
    }
    if (run !== undefined && !run.isTold) {
      await this.tellRun(worker, run);
      return true;
    }
    if (run === undefined && this.wantedRatePerSecond > 0 && this.toldRatePerSecond !== this.wantedRatePerSecond) {
      this.toldRatePerSecond = this.wantedRatePerSecond;
      worker.tell({ kind: 'load', ratePerSecond: this.wantedRatePerSecond });
      return true;
    }
    if (this.isNeeded) return false;
    this.forgetWorker();
    await this.end(worker);
    return true;
  }

  private async end(worker: Worker): Promise<void> {
    try {
      await worker.end();
      this.notHealed = undefined;
    } catch (error) {
      this.notHealed = error instanceof Error ? error : new Error(String(error));
      this.tell({ source: 'console', text: this.notHealed.message });
    }
  }

  private async begin(): Promise<void> {
    try {
      const worker = await this.startWorker((report) => this.take(report), this.closing.signal);
      // To open the lab heals it.
      this.healLeftovers = false;
      this.worker = worker;
      void this.watchEnd(worker);
    } catch (error) {
      this.refuse(
        error instanceof WorkerRefusedError ? error : new WorkerRefusedError(String(error), false, { cause: error }),
      );
      this.wantNothing();
    }
  }

  private refuse(refusal: WorkerRefusedError): void {
    this.refusal = refusal;
    this.refusals += 1;
    this.tell({ source: 'console', text: refusal.message });
  }

  private async tellRun(worker: Worker, run: Run): Promise<void> {
    const cause = await writeDown(run).catch((error: unknown) => error);
    // The worker may have died meanwhile.
    if (this.run?.folder !== run.folder) return;
    if (cause !== undefined) {
      // Kept, it would block whatever is asked for later, healing too.
      this.run = undefined;
      this.refuse(new WorkerRefusedError(`${run.fault} cannot be begun: ${String(cause)}`, false, { cause }));
      return;
    }
    if (this.run.healedEarly) {
      this.tell({ source: 'console', text: `${run.fault} is called off, nothing was broken` });
      this.run = undefined;
      return;
    }
    this.run = { ...this.run, isTold: true };
    this.toldRatePerSecond = 0;
    const ratePerSecond = this.wantedRatePerSecond || usualRatePerSecond;
    worker.tell({ kind: 'run', fault: run.fault, ratePerSecond, folder: run.folder });
  }

  /** A worker that ends by itself leaves behind what it has broken. The next one heals that. */
  private async watchEnd(worker: Worker): Promise<void> {
    await worker.ended;
    if (this.worker !== worker) return;
    this.tell({ source: 'console', text: 'the process that breaks the lab has ended unexpectedly' });
    const wasBroken = this.run?.isTold === true;
    this.forgetWorker();
    this.wantNothing();
    this.healLeftovers = wasBroken;
    await this.drive();
  }

  private forgetWorker(): void {
    this.worker = undefined;
    this.toldRatePerSecond = 0;
    this.seenClient = null;
  }

  private wantNothing(): void {
    this.wantedRatePerSecond = 0;
    this.run = undefined;
    this.healLeftovers = false;
  }

  private take(report: Report): void {
    switch (report.kind) {
      case 'ready':
      case 'failed':
        return;
      case 'client':
        this.seenClient = report.client;
        return;
      case 'phase':
        if (this.run !== undefined) this.run = { ...this.run, phase: report.phase };
        this.tell({ source: 'chaos', text: report.phase });
        return;
      case 'doing':
        if (this.run !== undefined) this.run = { ...this.run, doing: report.text };
        return;
      case 'mark':
        this.takeMark(report.mark, report.faultAtMs);
        return;
      case 'runEnded':
        this.tell({ source: 'chaos', text: report.line });
        void this.endRun();
        return;
    }
  }

  private takeMark(mark: PhaseMark, faultAtMs: number): void {
    if (this.run === undefined) return;
    const { marks } = this.run;
    this.run = { ...this.run, marks: [...marks, mark], faultAtMs: this.run.faultAtMs ?? faultAtMs };
    if (mark.name === 'fault') this.tell({ source: 'chaos', member: mark.member, text: `fault ${this.run.fault}` });
    if (mark.name === 'healed') this.tell({ source: 'chaos', text: 'healed' });
    if (mark.name === 'rejoined') this.tell({ source: 'chaos', text: 'every member is back' });
  }

  private async endRun(): Promise<void> {
    const { run } = this;
    if (run === undefined) return;
    // A run that could not be finished has none.
    const [view] = await this.folders.viewsOf(run.folder.slice(this.folders.root.length + 1));
    if (this.run?.folder !== run.folder) return;
    this.seenRun = view ?? null;
    this.run = undefined;
    await this.driving;
    await this.drive();
  }
}
