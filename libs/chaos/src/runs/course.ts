import { pause } from '../../../cluster/src/wait.js';
import { catchUpBoundMs, healedBoundMs } from '../faults/bounds.js';
import type { RunPhase, RunWatch } from './run.watch.js';
import type { TrialBase } from './trial.base.js';

/** Load before the fault, so that connections are open and figures can be compared. */
const baselineMs = 4_000;
/** Bounds the wait for programs that have just started and are slow at first. */
const warmUpBoundMs = 30_000;
/** Load after the cluster is healthy again, to see a second outage after the first. */
const aftermathMs = 3_000;

/** What one kind of run does at the steps of the course. */
export interface CourseSteps {
  /** Before the load begins. */
  readonly before?: () => Promise<void>;
  /** Injects the fault, and holds it. */
  readonly inject: () => Promise<void>;
  /** Holds it for longer. */
  readonly hold?: () => Promise<void>;
  /** When the cluster is healthy again, under load still. @param healedMs when healing began */
  readonly after?: (healedMs: number) => Promise<void>;
  /** Before the load ends, whatever has happened. */
  readonly end?: () => Promise<void>;
}

/** Whom a course tells what it does. */
export interface CourseWatch {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly watch?: RunWatch | undefined;
}

/**
 * The course of a run: load, fault, healing, settling, catching up, the end of the load. It heals whatever happens.
 *
 * @returns what went wrong with the run itself: each is a reason of its verdict
 * @throws Error when the cluster can't be used at all, or the signal aborts
 */
export async function runCourse(trial: TrialBase, steps: CourseSteps, to: CourseWatch): Promise<string[]> {
  const { signal, say, watch } = to;
  const begin = (phase: RunPhase): void => {
    say(phase);
    watch?.phase?.(phase);
  };
  const trouble: string[] = [];
  const attempt = async (what: string, step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      const reason = `${what}: ${error instanceof Error ? error.message : String(error)}`;
      if (!signal.aborted && !trouble.includes(reason)) trouble.push(reason);
    }
  };
  let isHealed = false;
  const heal = (): Promise<void> =>
    attempt('healing', async () => {
      await trial.heal();
      isHealed = true;
    });
  try {
    await steps.before?.();
    await trial.start();
    begin('baseline');
    await pause(baselineMs, signal);
    await attempt('the cluster could not keep up with the load before the fault, lower --rate', () =>
      trial.caughtUp(warmUpBoundMs),
    );
    watch?.phase?.('fault');
    await attempt('injection', steps.inject);
    await steps.hold?.();
    const healedMs = trial.healedMs ?? trial.nowMs();
    begin('healing');
    await heal();
    begin('settling');
    await attempt('settling', () => trial.settle(healedBoundMs));
    begin('catching up');
    await attempt('catching up', () => trial.caughtUp(catchUpBoundMs));
    await pause(aftermathMs, signal);
    await steps.after?.(healedMs);
  } finally {
    watch?.loadEnds?.();
    if (!isHealed) await heal();
    try {
      await steps.end?.();
    } finally {
      await trial.stop();
      // Nobody uses the rows of an interrupted run.
      if (signal.aborted) await trial.discardRows();
    }
  }
  signal.throwIfAborted();
  begin('checking');
  return trouble;
}
