import { constants, devNull, setPriority } from 'node:os';
import { faultsNamed } from '../../../../libs/chaos/src/faults/catalogue.js';
import { NotHealedError } from '../../../../libs/chaos/src/faults/healing.js';
import { LabInUseError } from '../../../../libs/chaos/src/faults/fault.journal.js';
import { HistoryRecorder } from '../../../../libs/chaos/src/history/history.recorder.js';
import type { RunEvent } from '../../../../libs/chaos/src/history/run.event.js';
import { deleteRows } from '../../../../libs/chaos/src/load/final.state.reader.js';
import { requiredBehaviour } from '../../../../libs/chaos/src/load/http.client.js';
import { reachOf } from '../../../../libs/chaos/src/load/lab.reach.js';
import { Load } from '../../../../libs/chaos/src/load/load.js';
import { discardRows } from '../../../../libs/chaos/src/runs/discarded.rows.js';
import type { RunPhase, RunWatch } from '../../../../libs/chaos/src/runs/run.watch.js';
import { ordinary } from '../../../../libs/chaos/src/runs/scenario.js';
import { LabSession } from '../../../../libs/chaos/src/runs/session.js';
import { runSuite } from '../../../../libs/chaos/src/runs/suite.js';
import { readSettings } from '../../../../libs/cluster/src/lab.settings.js';
import type { Phase } from '../../../../libs/live/src/protocol.js';
import { reportDirectory } from '../../../../libs/chaos/src/reports/directory.report.js';
import { LoadMeter } from './load.meter.js';
import { marksOf } from './phase.marks.js';
import { endAndHeal } from './worker.end.js';
import type { Order, Report } from './worker.messages.js';

/** Ten pictures a second of what clients see. */
const reportEveryMs = 100;
const clients = 48;

/** The words of the page for the parts of a run. */
const phaseNames: Readonly<Record<RunPhase, Phase>> = {
  baseline: 'baseline',
  fault: 'broken',
  healing: 'healing',
  settling: 'settling',
  'catching up': 'catching up',
  checking: 'checking',
};

/**
 * Breaks the lab and loads it, in a process of its own: the console stays quick beside it, and whatever becomes of the console,
 * this process heals the lab before it ends.
 */
class Worker {
  private readonly interrupt = new AbortController();
  private readonly orders: Order[] = [];
  private wakeUp = () => {};
  /** Of the run that was asked for last. */
  private healEarly = new AbortController();
  private load: RunningLoad | undefined;

  constructor() {
    process.on('message', (order: Order) => this.take(order));
    process.once('disconnect', () => this.end());
    // The console may have gone while this program was read.
    if (!process.connected) this.end();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.end());
  }

  get isInterrupted(): boolean {
    return this.interrupt.signal.aborted;
  }

  /** Works until the console disconnects. @throws NotHealedError */
  async work(): Promise<void> {
    const { signal } = this.interrupt;
    const say = (text: string) => report({ kind: 'doing', text });
    const session = await LabSession.open(readSettings(process.env), say, signal);
    try {
      report({ kind: 'ready' });
      while (!signal.aborted) {
        const order = this.orders.shift();
        if (order === undefined) await this.nextOrder();
        else await this.follow(order, session);
      }
    } catch (error) {
      // What was under way when the console ended is no failure. What can't be healed is, and comes from below.
      if (!signal.aborted) throw error;
    } finally {
      await endAndHeal(
        () => this.changeLoad(session, 0),
        () => session.close(),
      );
    }
  }

  private take(order: Order): void {
    if (order.kind === 'heal') this.healEarly.abort();
    else this.orders.push(order);
    if (order.kind === 'run') this.healEarly = new AbortController();
    this.wakeUp();
  }

  private end(): void {
    this.interrupt.abort(new Error('the console has ended'));
    this.wakeUp();
  }

  private nextOrder(): Promise<void> {
    return new Promise((resolve) => {
      this.wakeUp = resolve;
    });
  }

  private async follow(order: Order, session: LabSession): Promise<void> {
    if (order.kind === 'load') await this.changeLoad(session, order.ratePerSecond);
    if (order.kind === 'run') await this.run(order, session);
  }

  private async changeLoad(session: LabSession, ratePerSecond: number): Promise<void> {
    const { load } = this;
    this.load = undefined;
    await load?.end(this.interrupt.signal);
    await load?.deleteRows();
    this.load =
      ratePerSecond === 0 ? undefined : await RunningLoad.start(session, ratePerSecond, this.interrupt.signal);
  }

  /**
   * A run has a load of its own, which it judges. The load that was on goes on until that begins, so that clients do not pause. What it
   * has written is deleted after the run: in an outage that would not be possible.
   */
  private async run(order: Extract<Order, { kind: 'run' }>, session: LabSession): Promise<void> {
    const { ratePerSecond, folder } = order;
    const { signal: healEarly } = this.healEarly;
    const { load: before } = this;
    // Set when the run's own load takes over: it settles when the load before has ended.
    const handover: { ended?: Promise<void> | undefined } = {};
    const watch = new RunReporter(ratePerSecond, () => {
      this.load = undefined;
      handover.ended = before?.end(this.interrupt.signal);
      // It is awaited when the run is over.
      handover.ended?.catch(() => undefined);
    });
    let line = 'the run was called off, nothing was broken';
    try {
      if (healEarly.aborted) return;
      line = 'the run could not be finished';
      await runSuite(
        session,
        {
          scenarios: faultsNamed([order.fault]).map(ordinary),
          runs: 1,
          seed: 1,
          ratePerSecond,
          clients,
          folder,
          signal: this.interrupt.signal,
          watch,
          healEarly,
        },
        {
          start: () => undefined,
          say: (text) => report({ kind: 'doing', text }),
          end: (verdict) => (line = verdict),
        },
      );
      await reportDirectory(folder);
    } finally {
      watch.loadEnds();
      report({ kind: 'runEnded', line });
      if (handover.ended !== undefined) {
        await handover.ended.finally(() => before?.deleteRows());
      }
    }
  }
}

/** Load without a fault, whose history nobody reads. */
class RunningLoad {
  private constructor(
    private readonly session: LabSession,
    private readonly prefix: string,
    private readonly load: Load,
    private readonly recorder: HistoryRecorder,
    private readonly ticker: NodeJS.Timeout,
  ) {}

  static async start(session: LabSession, ratePerSecond: number, signal: AbortSignal): Promise<RunningLoad> {
    const { settings } = session.lab;
    const zeroMs = performance.now();
    const nowMs = () => performance.now() - zeroMs;
    const prefix = `chaos-${Date.now().toString(36)}`;
    const meter = new LoadMeter();
    const recorder = new HistoryRecorder(devNull, nowMs, (operation) => meter.add(operation));
    const options = { ratePerSecond, clients, behaviour: requiredBehaviour };
    const load = await Load.prepare(reachOf(settings), options, recorder, nowMs, prefix, { signal }).catch(
      async (error: unknown) => {
        await recorder.close();
        await discard(session, prefix);
        throw error;
      },
    );
    load.start();
    const waiting = () => load.backlog + recorder.underWay;
    const ticker = setInterval(
      () => report({ kind: 'client', client: meter.view(nowMs(), ratePerSecond, waiting()) }),
      reportEveryMs,
    );
    return new RunningLoad(session, prefix, load, recorder, ticker);
  }

  /** Ends it once its operations have ended. From the call on it reports nothing. */
  async end(signal: AbortSignal): Promise<void> {
    clearInterval(this.ticker);
    await this.load.stop(signal);
    await this.recorder.close();
  }

  /** Deletes what it has written. */
  deleteRows(): Promise<void> {
    return discard(this.session, this.prefix);
  }
}

const discard = ({ lab }: LabSession, prefix: string): Promise<void> =>
  discardRows(
    prefix,
    () => deleteRows(lab, prefix),
    (text) => report({ kind: 'doing', text }),
  );

/** Reports a run while it goes on. */
class RunReporter implements RunWatch {
  private readonly meter = new LoadMeter();
  private readonly events: RunEvent[] = [];
  /** Zero of the run's clock; the first operation says where it is. */
  private zeroMs: number | undefined;
  private ticker: NodeJS.Timeout | undefined;

  /** @param begins is called when the load of the run begins */
  constructor(
    private readonly ratePerSecond: number,
    private readonly begins: () => void,
  ) {}

  readonly loadBegins = (waiting: () => number): void => {
    this.begins();
    this.ticker = setInterval(() => {
      if (this.zeroMs === undefined) return;
      const client = this.meter.view(performance.now() - this.zeroMs, this.ratePerSecond, waiting());
      report({ kind: 'client', client });
    }, reportEveryMs);
  };

  readonly phase = (phase: RunPhase): void => report({ kind: 'phase', phase: phaseNames[phase] });

  readonly operation: NonNullable<RunWatch['operation']> = (operation) => {
    this.zeroMs ??= performance.now() - operation.endedMs;
    this.meter.add(operation);
  };

  readonly event = (event: RunEvent): void => {
    // As in the run's result, the first one counts.
    if (event.kind === 'fault' && !this.events.some(({ kind }) => kind === 'fault')) this.meter.fault(event.atMs);
    this.events.push(event);
    const mark = marksOf(this.events).at(-1);
    if (mark !== undefined) report({ kind: 'mark', mark, faultAtMs: Date.now() - mark.afterMs });
  };

  /** The stopwatches stand as they are now. */
  readonly loadEnds = (): void => clearInterval(this.ticker);
}

/** A console that has died cannot be told. It must not keep the worker from healing. */
function report(what: Report): void {
  if (process.connected) process.send?.(what, () => undefined);
}

// A terminal that goes away must not end the worker before it has healed the lab.
process.stderr.on('error', () => undefined);
// It must not starve what it measures.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const worker = new Worker();
try {
  await worker.work();
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  report({ kind: 'failed', isInUse: error instanceof LabInUseError, why });
  // A console that ends hears nothing any more, but its user reads this.
  if (!worker.isInterrupted || error instanceof NotHealedError) {
    process.stderr.write(`console: ${why}\n`);
    process.exitCode = 1;
  }
}
// Sockets of cut connections may still be open.
if (process.connected) process.disconnect?.();
process.exit();
