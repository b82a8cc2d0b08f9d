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
import type { LoadOptions } from '../load/load.js';
import { FaultMarks } from '../observe/fault.marks.js';
import { readLiveConfig } from '../observe/live.config.js';
import { seeded } from '../random/random.js';
import type { RunFile } from '../results/run.result.js';
import { runFileName, writeRun } from '../results/results.directory.js';
import { runCourse } from './course.js';
import type { RunWatch } from './run.watch.js';
import { demandsOf } from './scenario.js';
import { Trial } from './trial.js';

/** How often the lab is sampled in a run of one failover, and in a soak, where no phases are told apart. */
const sampleEveryMs = 200;
const sampleSoakEveryMs = 1_000;
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

  const config = await readLiveConfig(lab);
  const path = (kind: string) => join(folder, runFileName({ scenario: fault.name, run }, kind));
  const marks = await FaultMarks.of(lab, say);
  const trial = new Trial({
    ...options,
    path,
    alertsHoldMs: options.prometheus === undefined ? 0 : alertHoldMs(fault.name),
    marks,
    sampleEveryMs: fault.composite === true ? sampleSoakEveryMs : sampleEveryMs,
    random: seeded(seed + run),
  });
  const { startedAt } = trial;
  const watched: { alerts?: WatchedAlerts | undefined; outcome?: AlertOutcome } = {};
  const trouble = await runCourse(
    trial,
    {
      before: async () => {
        if (options.prometheus === undefined) return;
        say('waiting until no alert fires');
        watched.alerts = await WatchedAlerts.begin(options.prometheus, fault.name, () => trial.nowMs(), signal);
      },
      inject: () => injectUntil(healEarly, trial, fault, signal),
      hold: async () => {
        const { faultMs } = trial;
        if (faultMs !== undefined) await watched.alerts?.hold(faultMs, AbortSignal.any([signal, healEarly]));
      },
      after: async (healedMs) => {
        const { faultMs } = trial;
        if (watched.alerts === undefined || faultMs === undefined) return;
        say('waiting until the alerts have cleared');
        watched.outcome = await watched.alerts.outcome(faultMs, healedMs, signal);
      },
      end: async () => {
        try {
          await watched.alerts?.stop();
        } finally {
          await marks?.close();
        }
      },
    },
    options,
  );
  const durationMs = trial.nowMs();
  const result = assembleRun(
    {
      scenario: fault.name,
      run,
      seed,
      startedAt,
      durationMs,
      config: { ...config, load: loadAsPublished(options.load) },
      trouble: [...trouble, ...(watched.outcome?.problems ?? [])],
      alerts: watched.outcome,
    },
    await trial.record(),
    trial.samples,
    demandsOf(watched.alerts === undefined ? options : { ...options, fault: heldForAlerts(fault) }),
  );
  await writeRun(folder, result);
  await trial.discardRows();
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
