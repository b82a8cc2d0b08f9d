import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlertOutcome } from '../alerts/alert.judge.js';
import { alertHoldMs } from '../alerts/expected.alerts.js';
import { heldLonger, WatchedAlerts } from '../alerts/fault.alerts.js';
import { assembleRun } from '../assembly/run.assembly.js';
import type { Expectations } from '../checkers/verdict.js';
import type { Fault } from '../faults/fault.js';
import type { Nemesis } from '../faults/nemesis.js';
import { saveEvidence } from '../../../cluster/src/evidence.js';
import type { Lab } from '../../../cluster/src/lab.js';
import { pause } from '../../../cluster/src/wait.js';
import type { LoadOptions } from '../load/load.js';
import { readLiveConfig, type LiveConfig } from '../observe/live.config.js';
import { seeded } from '../random/random.js';
import type { RunFile } from '../results/run.result.js';
import { runFileName, writeRun } from '../results/results.directory.js';
import type { RunPhase, RunWatch } from './run.watch.js';
import { demandsOf } from './scenario.js';
import { Trial } from './trial.js';

/** Load before the fault, so that connections are open and figures can be compared. */
const baselineMs = 4_000;
/** How often the lab is sampled in a run of one failover, and in a soak, where no phases are told apart. */
const sampleEveryMs = 200;
const sampleSoakEveryMs = 1_000;
/** Bounds the wait for programs that have just started and are slow at first. */
const warmUpBoundMs = 30_000;
/** Load after the lab is healthy again, to see a second outage after the first. */
const aftermathMs = 3_000;
const healthyBoundMs = 240_000;
/** Operations that waited during an outage must be sent within this. */
const catchUpBoundMs = 300_000;

/** What one run of one fault takes. */
export interface RunOptions {
  readonly lab: Lab;
  readonly nemesis: Nemesis;
  readonly fault: Fault;
  /** Counted from 1. */
  readonly run: number;
  readonly seed: number;
  readonly load: LoadOptions;
  /** Folder for history, final state and result. */
  readonly folder: string;
  /** @default the fault's own */
  readonly durationMs?: number | undefined;
  readonly signal: AbortSignal;
  /** Prints for people what is being done. */
  readonly say: (line: string) => void;
  /** Bounds that replace those of the fault and of all runs: a mutation must be caught. */
  readonly overrides: Expectations;
  readonly watch?: RunWatch | undefined;
  /** Where Prometheus is: the fault must raise its alerts, and is held until it has had time to. */
  readonly prometheus?: string | undefined;
  /** Heals before the fault's time is over. The run goes on to its verdict, which may miss what healing prevented. */
  readonly healEarly?: AbortSignal | undefined;
}

/**
 * Does one run and writes its files: load, fault, healing, settling, final state, checks. It heals the lab whatever happens.
 *
 * @throws Error when the lab can't be used at all. What goes wrong after the load has begun is a reason of the verdict
 */
export async function runOnce(options: RunOptions): Promise<RunFile> {
  const { lab, fault, run, seed, folder, signal, say, healEarly = new AbortController().signal } = options;
  const begin = (phase: RunPhase): void => {
    say(phase);
    options.watch?.phase?.(phase);
  };
  await mkdir(folder, { recursive: true });
  const leaderBefore = await lab.leader();

  const skipped =
    (await whyFencingForbidden(lab, fault)) ??
    (await fault.precondition?.({ lab, leader: leaderBefore })) ??
    (await whyFencingMissing(options.nemesis, fault));
  signal.throwIfAborted();
  if (skipped !== undefined) {
    const startedAt = new Date().toISOString();
    const file = { schema: 1, scenario: fault.name, run, startedAt, skipped } as const;
    await writeRun(folder, file);
    return file;
  }

  const path = (kind: string) => join(folder, runFileName({ scenario: fault.name, run }, kind));
  const trial = new Trial({
    ...options,
    path,
    alertsHoldMs: options.prometheus === undefined ? 0 : alertHoldMs(fault.name),
    sampleEveryMs: fault.composite === true ? sampleSoakEveryMs : sampleEveryMs,
    random: seeded(seed + run),
  });
  const { startedAt } = trial;
  const trouble: string[] = [];
  const attempt = async (what: string, step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (!signal.aborted) trouble.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  let config: LiveConfig | undefined;
  let alerts: WatchedAlerts | undefined;
  let alertOutcome: AlertOutcome | undefined;
  try {
    if (options.prometheus !== undefined) {
      say('waiting until no alert fires');
      alerts = await WatchedAlerts.begin(options.prometheus, fault.name, () => trial.nowMs(), signal);
    }
    config = await readLiveConfig(lab);
    await trial.start();
    begin('baseline');
    await pause(baselineMs, signal);
    await attempt('the lab could not keep up with the load before the fault, lower --rate', () =>
      trial.caughtUp(warmUpBoundMs),
    );
    options.watch?.phase?.('fault');
    await attempt('injection', () => injectUntil(healEarly, trial, fault, signal));
    const { faultMs } = trial;
    if (faultMs !== undefined) await alerts?.hold(faultMs, AbortSignal.any([signal, healEarly]));
    const healedMs = trial.healedMs ?? trial.nowMs();
    begin('healing');
    await attempt('healing', () => trial.heal());
    begin('settling');
    await attempt('settling', () => trial.settle(healthyBoundMs));
    begin('catching up');
    await attempt('catching up', () => trial.caughtUp(catchUpBoundMs));
    await pause(aftermathMs, signal);
    if (alerts !== undefined && faultMs !== undefined) {
      say('waiting until the alerts have cleared');
      alertOutcome = await alerts.outcome(faultMs, healedMs, signal);
    }
  } finally {
    options.watch?.loadEnds?.();
    await attempt('healing', () => options.nemesis.heal());
    await alerts?.stop();
    await trial.stop();
    // Nobody uses the rows of an interrupted run.
    if (signal.aborted) await trial.deleteRows().catch(() => undefined);
  }
  signal.throwIfAborted();

  const durationMs = trial.nowMs();
  begin('checking');
  const result = assembleRun(
    {
      scenario: fault.name,
      run,
      seed,
      startedAt,
      durationMs,
      config: { ...config, load: loadAsPublished(options.load) },
      trouble: [...trouble, ...(alertOutcome?.problems ?? [])],
      alerts: alertOutcome,
    },
    await trial.record(),
    trial.samples,
    demandsOf(alerts === undefined ? options : { ...options, fault: heldForAlerts(fault) }),
  );
  await writeRun(folder, result);
  // The run has been judged: rows that can't be deleted are no reason for it to fail.
  await trial.deleteRows().catch((error: unknown) => say(`the rows of ${trial.prefix} stay behind: ${String(error)}`));
  if (!result.verdict.pass) await saveEvidence(lab, path('evidence'));
  return result;
}

/** Injects the fault. `healEarly` ends it, and that is no trouble: what its waits throw then says only that. */
async function injectUntil(healEarly: AbortSignal, trial: Trial, fault: Fault, signal: AbortSignal): Promise<void> {
  try {
    await trial.inject(fault, fault.holdMs, AbortSignal.any([signal, healEarly]));
  } catch (error) {
    if (!healEarly.aborted) throw error;
  }
}

/** A fault that was held until its alerts had time to fire. Where nobody can lead before healing, clients wait for as much longer. */
function heldForAlerts(fault: Fault): Fault {
  if (fault.leaderless !== true) return fault;
  return { ...fault, expects: heldLonger(fault.expects, WatchedAlerts.addedMs(fault.name, fault.holdMs)) };
}

/** Run files call the behaviour of the clients `habits`, as those published so far do. */
function loadAsPublished({ behaviour, ...load }: LoadOptions): Record<string, unknown> {
  return { ...load, habits: behaviour };
}

/** With fencing on, a failover is much faster: such figures must not mix with the others. @returns why the run is skipped */
async function whyFencingForbidden(lab: Lab, { fencing }: Fault): Promise<string | undefined> {
  return fencing !== true && (await lab.isFenced())
    ? 'fencing is on; for this one: scripts/lab fencing off'
    : undefined;
}

/** Starts the fencing service where the fault needs it. @returns why the run is skipped: an engine may not allow the service */
async function whyFencingMissing(nemesis: Nemesis, { fencing }: Fault): Promise<string | undefined> {
  if (fencing !== true) return undefined;
  try {
    await nemesis.fence();
    return undefined;
  } catch (error) {
    await nemesis.heal();
    return `fencing cannot be started on this machine: ${error instanceof Error ? error.message : String(error)}`;
  }
}
