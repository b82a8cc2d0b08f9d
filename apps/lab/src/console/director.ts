import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Activity, ClientView, PhaseMark, Prediction, RunView } from '../../../../libs/live/src/protocol.js';
import type { Change } from './changes.js';
import { predictionFile, type RunFolders } from './run.views.js';
import type { Report } from './worker.messages.js';
import { WorkerProcess, WorkerRefusedError } from './worker.process.js';

/** Operations per second of a run where no load was on: as `chaos run` does it. */
const usualRatePerSecond = 120;

type Run = Extract<Activity, { kind: 'run' }> & { readonly folder: string; readonly faultAtMs: number | undefined };

/** Decides what the console does with the lab: one thing at a time, by one worker. */
export class Director {
  private worker: WorkerProcess | undefined;
  /** A worker that heals the lab before it ends: the next one waits for it. */
  private leaving: Promise<void> = Promise.resolve();
  private starting: Promise<WorkerProcess> | undefined;
  private ratePerSecond = 0;
  private run: Run | undefined;
  private seenClient: ClientView | null = null;
  /** The newest run of this console. */
  lastRun: RunView | null = null;

  constructor(
    private readonly folders: RunFolders,
    private readonly tell: (change: Change) => void,
  ) {}

  get client(): ClientView | null {
    return this.seenClient;
  }

  /** @param elsewhere why another program has the lab, if one has */
  activity(nowMs: number, elsewhere: string | undefined): Activity {
    if (this.run !== undefined) {
      const { folder: _folder, faultAtMs, ...run } = this.run;
      return { ...run, sinceFaultMs: faultAtMs === undefined ? null : nowMs - faultAtMs };
    }
    if (this.worker !== undefined && this.ratePerSecond > 0) return { kind: 'load', ratePerSecond: this.ratePerSecond };
    return elsewhere === undefined || this.worker !== undefined
      ? { kind: 'idle' }
      : { kind: 'elsewhere', why: elsewhere };
  }

  /** Starts or changes the load, or ends it with 0. @throws WorkerRefusedError */
  async load(ratePerSecond: number): Promise<void> {
    if (ratePerSecond === 0) {
      if (this.ratePerSecond > 0) this.tell({ source: 'console', text: 'load ended' });
      this.ratePerSecond = 0;
      if (this.run === undefined) await this.release();
      return;
    }
    const worker = await this.working();
    this.ratePerSecond = ratePerSecond;
    worker.tell({ kind: 'load', ratePerSecond });
    this.tell({ source: 'console', text: `load of ${ratePerSecond} operations a second` });
  }

  /** Begins a run. @throws WorkerRefusedError while another one goes on, here or elsewhere, or when the lab is not healthy */
  async break(fault: string, prediction: Prediction | null): Promise<void> {
    if (this.run !== undefined) throw new WorkerRefusedError(`${this.run.fault} goes on. Wait for its verdict`, true);
    const folder = join(this.folders.root, new Date().toISOString().replaceAll(/[:.]/g, '-'));
    this.run = {
      kind: 'run',
      fault,
      phase: 'preparing',
      doing: 'the lab must be healthy first',
      sinceFaultMs: null,
      marks: [],
      prediction,
      healedEarly: false,
      folder,
      faultAtMs: undefined,
    };
    try {
      const worker = await this.working();
      await mkdir(folder, { recursive: true });
      if (prediction !== null) await writeFile(join(folder, predictionFile), JSON.stringify(prediction));
      const ratePerSecond = this.ratePerSecond || usualRatePerSecond;
      worker.tell({ kind: 'run', fault, ratePerSecond, folder });
      this.tell({ source: 'console', text: `run of ${fault} begins` });
    } catch (error) {
      this.run = undefined;
      throw error;
    }
  }

  /** Heals what the run that goes on has broken. Without one, heals what an earlier program has left. */
  async heal(): Promise<void> {
    if (this.run === undefined) {
      // Opening the lab heals it.
      if (this.worker === undefined) {
        await this.working();
        await this.release();
      }
      return;
    }
    if (this.run.phase !== 'preparing' && this.run.phase !== 'baseline' && this.run.phase !== 'broken') return;
    this.run = { ...this.run, healedEarly: true };
    this.worker?.tell({ kind: 'heal' });
    this.tell({ source: 'console', text: 'healing was asked for' });
  }

  /** Nobody watches any more: heals, and ends the load. A run goes on to its verdict. */
  async leave(): Promise<void> {
    await this.load(0);
    if (this.run !== undefined) await this.heal();
  }

  /** Heals the lab and ends the worker. */
  async close(): Promise<void> {
    await this.release();
  }

  /** Ends the worker, which heals the lab. */
  private async release(): Promise<void> {
    const { worker } = this;
    this.hasEnded();
    if (worker !== undefined) this.leaving = worker.end();
    await this.leaving;
  }

  /** The worker, which is started if there is none. Whoever asks meanwhile waits for the same one. */
  private working(): Promise<WorkerProcess> {
    if (this.worker !== undefined) return Promise.resolve(this.worker);
    this.starting ??= this.startWorker().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  private async startWorker(): Promise<WorkerProcess> {
    await this.leaving;
    const worker = await WorkerProcess.start((report) => this.take(report));
    this.worker = worker;
    void this.watchEnd(worker);
    return worker;
  }

  private async watchEnd(worker: WorkerProcess): Promise<void> {
    await worker.ended;
    if (this.worker === worker) this.hasEnded();
  }

  private hasEnded(): void {
    this.worker = undefined;
    this.ratePerSecond = 0;
    this.seenClient = null;
    this.run = undefined;
  }

  private take(report: Report): void {
    switch (report.kind) {
      case 'ready':
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
        void this.readResult();
        return;
      case 'failed':
        this.tell({ source: 'console', text: report.why });
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

  private async readResult(): Promise<void> {
    const run = this.run;
    if (run === undefined) return;
    const [view] = await this.folders.viewsOf(run.folder.slice(this.folders.root.length + 1));
    this.lastRun = view ?? this.lastRun;
    this.run = undefined;
    if (this.ratePerSecond === 0) await this.release();
    else this.worker?.tell({ kind: 'load', ratePerSecond: this.ratePerSecond });
  }
}
