import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assembleRun } from '../assembly/run.assembly.js';
import type { Expectations } from '../checkers/verdict.js';
import type { Fault, FaultContext } from '../faults/fault.js';
import type { FaultHand } from '../faults/fault.hand.js';
import { readHistory, writeFinalState } from '../history/history.file.js';
import { HistoryRecorder } from '../history/history.recorder.js';
import { saveEvidence } from '../../../cluster/src/evidence.js';
import type { Lab } from '../../../cluster/src/lab.js';
import { pause, until } from '../../../cluster/src/wait.js';
import { deleteRows, readFinalState } from '../load/final.state.reader.js';
import { Load, type LoadOptions } from '../load/load.js';
import { readLiveConfig, type LiveConfig } from '../observe/live.config.js';
import { Observer } from '../observe/observer.js';
import { seeded, type Random } from '../random/random.js';
import type { RunFile } from '../results/run.result.js';
import { runFileName, writeRun } from '../results/results.directory.js';
import { injectFault } from './injection.js';
import { demandsOf } from './scenario.js';

/** Load before the fault: connections are open and there is something to compare with. */
const baselineMs = 4_000;
/** How finely a failover is seen; and many, whose phases are not told apart. */
const lookEveryMs = 200;
const lookAtManyEveryMs = 1_000;
/** Programs that have just been started are slow at first. */
const warmUpBoundMs = 30_000;
/** Load after the lab is whole again, so that a second outage behind the first is seen. */
const aftermathMs = 3_000;
const wholeBoundMs = 240_000;
/** What waited during an outage is still sent, within this. */
const catchUpBoundMs = 300_000;

/** One run of one fault. */
export interface RunOptions {
  readonly lab: Lab;
  readonly hand: FaultHand;
  readonly fault: Fault;
  /** Counted from 1. */
  readonly run: number;
  readonly seed: number;
  readonly load: LoadOptions;
  /** Where history, final state and result go. */
  readonly folder: string;
  /** @default the fault's own */
  readonly durationMs?: number | undefined;
  readonly signal: AbortSignal;
  /** What is being done, for people. */
  readonly say: (line: string) => void;
  /** Replaces entries of what every run is held to: a mutation must be caught. */
  readonly instead: Expectations;
}

/**
 * Load, fault, healing, settling, final state, checks: one run and its files. Heals whatever happens.
 *
 * @throws Error when the lab can't be used at all; what went wrong after the load had begun is a reason of the verdict instead
 */
export async function runOnce(options: RunOptions): Promise<RunFile> {
  const { lab, fault, run, seed, folder, signal, say } = options;
  await mkdir(folder, { recursive: true });
  const startedAt = new Date();
  const zeroMs = performance.now();
  const nowMs = () => performance.now() - zeroMs;
  const leaderBefore = await lab.leader();

  const skipped =
    (await fencedAgainstPlan(lab, fault)) ??
    (await fault.precondition?.({ lab, leader: leaderBefore })) ??
    (await fencingMissing(options.hand, fault));
  signal.throwIfAborted();
  if (skipped !== undefined) {
    const file = { schema: 1, scenario: fault.name, run, startedAt: startedAt.toISOString(), skipped } as const;
    await writeRun(folder, file);
    return file;
  }

  const path = (kind: string) => join(folder, runFileName({ scenario: fault.name, run }, kind));
  const prefix = `chaos-${startedAt.getTime().toString(36)}`;
  const observer = new Observer(lab, nowMs, fault.composite === true ? lookAtManyEveryMs : lookEveryMs);
  const recorder = new HistoryRecorder(path('history.jsonl'), nowMs);
  const trouble: string[] = [];
  const attempt = async (what: string, step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (!signal.aborted) trouble.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  let load: Load | undefined;
  let config: LiveConfig | undefined;
  try {
    config = await readLiveConfig(lab);
    await observer.start();
    load = await Load.prepare(lab.settings, options.load, recorder, nowMs, prefix);
    const stream = load;
    stream.start();
    say('baseline');
    await pause(baselineMs, signal);
    await attempt('the lab could not keep up with the load before the fault, lower --rate', () =>
      caughtUp(stream, signal, warmUpBoundMs),
    );
    await attempt('injection', async () => {
      const context = await contextOf(options, observer, stream, seeded(seed + run));
      await context.inject(fault, fault.holdMs);
    });
    say('healing');
    await attempt('healing', async () => {
      await options.hand.heal();
      observer.add({ kind: 'healed', source: 'chaos' });
    });
    say('settling');
    await attempt('settling', async () => {
      await lab.waitHealthy(wholeBoundMs, signal);
      observer.add({ kind: 'rejoined', source: 'chaos' });
    });
    await attempt('catching up', () => caughtUp(stream, signal, catchUpBoundMs));
    await pause(aftermathMs, signal);
  } finally {
    await attempt('healing', () => options.hand.heal());
    await load?.stop(signal);
    await observer.stop();
    await recorder.close();
    // What is left of an interrupted run is of no use to anybody.
    if (signal.aborted) await deleteRows(lab, prefix).catch(() => undefined);
  }
  signal.throwIfAborted();

  const durationMs = nowMs();
  say('checking');
  const final = await readFinalState(lab, prefix, signal);
  await writeFinalState(path('final.jsonl'), final);
  const { events, samples } = observer;
  const result = assembleRun(
    {
      scenario: fault.name,
      run,
      seed,
      startedAt,
      durationMs,
      config: { ...config, load: { ...options.load } },
      trouble,
    },
    { history: await readHistory(path('history.jsonl')), final, events },
    samples,
    demandsOf(options),
  );
  await writeRun(folder, result);
  // The run is judged and kept: rows that stay behind are a nuisance, not a reason.
  await deleteRows(lab, prefix).catch((error: unknown) => say(`the rows of ${prefix} stay behind: ${String(error)}`));
  if (!result.verdict.pass) await saveEvidence(lab, path('evidence'));
  return result;
}

/** A dead leader is another matter with fencing on: figures of the two are never mixed. */
async function fencedAgainstPlan(lab: Lab, { fencing }: Fault): Promise<string | undefined> {
  return fencing !== true && (await lab.isFenced())
    ? 'fencing is on; for this one: scripts/lab fencing off'
    : undefined;
}

/** Starts the service where the fault wants it. An engine on which it can't run can do all other faults. */
async function fencingMissing(hand: FaultHand, { fencing }: Fault): Promise<string | undefined> {
  if (fencing !== true) return undefined;
  try {
    await hand.fence();
    return undefined;
  } catch (error) {
    await hand.heal();
    return `fencing cannot be started on this machine: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The cluster as it is now, and what a fault may do to it. */
async function contextOf(options: RunOptions, observer: Observer, load: Load, random: Random): Promise<FaultContext> {
  const { lab, hand, signal, say, durationMs } = options;
  const leader = await lab.leader();
  const [first, second, ...more] = lab.members.filter((member) => member !== leader);
  if (first === undefined || second === undefined || more.length > 0)
    throw new Error('a cluster of three members is needed');
  const context: FaultContext = {
    lab,
    hand,
    leader,
    replicas: [first, second],
    etcdLeader: await lab.etcdLeader(),
    random,
    signal,
    durationMs,
    say,
    inject: (fault, holdMs) => injectFault(fault, holdMs, context, (event) => observer.add(event)),
    caughtUp: () => caughtUp(load, signal, catchUpBoundMs),
    healed: (fault) => observer.add({ kind: 'healed', source: 'chaos', detail: fault.name }),
    anew: () => contextOf(options, observer, load, random),
  };
  return context;
}

async function caughtUp(load: Load, signal: AbortSignal, boundMs: number): Promise<void> {
  await until({ what: 'clients have caught up', boundMs, signal }, () => (load.backlog === 0 ? true : undefined));
}
