import type { Expectations } from '../checkers/verdict.js';
import { pause, until } from '../../../cluster/src/wait.js';
import { judgeAlerts, type AlertOutcome } from './alert.judge.js';
import { AlertWatch } from './alert.watch.js';
import { alertHoldMs, clearsWithinSeconds, expectedAlerts, type FaultAlerts } from './expected.alerts.js';

const quietBoundMs = clearsWithinSeconds * 1_000;
const answerBoundMs = 20_000;

/** Watches the alerts of one fault: whether it raises those that it should, and no other. */
export class WatchedAlerts {
  private constructor(
    private readonly watch: AlertWatch,
    private readonly fault: string,
    private readonly expected: FaultAlerts,
    private readonly nowMs: () => number,
  ) {}

  /**
   * Begins to watch once no alert of what was before fires any more.
   *
   * @param nowMs the clock of the run
   * @returns undefined where the table of alerts does not have the fault (`soak`): it is not judged by its alerts
   * @throws Error when Prometheus does not answer, or alerts do not end
   */
  static async begin(
    prometheus: string,
    fault: string,
    nowMs: () => number,
    signal: AbortSignal,
  ): Promise<WatchedAlerts | undefined> {
    const expected = expectedAlerts[fault];
    if (expected === undefined) return undefined;
    const watch = new AlertWatch(prometheus, nowMs);
    await until({ what: 'Prometheus answers', boundMs: answerBoundMs, signal }, () => watch.start().then(() => true));
    try {
      await until({ what: 'no alert fires', boundMs: quietBoundMs, signal }, () => (watch.isQuiet ? true : undefined));
    } catch (error) {
      await watch.stop();
      throw error;
    }
    return new WatchedAlerts(watch, fault, expected, nowMs);
  }

  /** For how much longer than a fault's own `holdMs` it may be held. */
  static addedMs = (fault: string, holdMs: number): number => Math.max(0, alertHoldMs(fault) - holdMs);

  /** Waits until every alert of the fault has had time to fire. @param signal ends the wait, and is no error */
  async hold(faultMs: number, signal: AbortSignal): Promise<void> {
    await pause(Math.max(0, faultMs + alertHoldMs(this.fault) - this.nowMs()), signal);
  }

  /** Waits until all alerts have cleared, but no longer than they may take, and judges them. */
  async outcome(faultMs: number, healedMs: number, signal: AbortSignal): Promise<AlertOutcome> {
    // That they have not cleared is for the judge to say.
    const cleared = { what: 'every alert has cleared', boundMs: quietBoundMs, signal };
    await until(cleared, () => (this.watch.isQuiet ? true : undefined)).catch(() => undefined);
    const { missed } = this.watch;
    return judgeAlerts(this.watch.spans(), { faultMs, healedMs, endMs: this.nowMs(), missed }, this.expected);
  }

  async stop(): Promise<void> {
    await this.watch.stop();
  }
}

const gaps = ['writeGapMs', 'httpWriteGapMs', 'readGapMs', 'httpReadGapMs'] as const;

/** The bounds of a fault during which nobody leads, when it is held for longer: the gaps may be longer by as much. */
export function heldLonger(expects: Expectations, addedMs: number): Expectations {
  const longer = gaps.flatMap((gap) => {
    const max = expects[gap]?.max;
    return max === undefined ? [] : [[gap, { ...expects[gap], max: max + addedMs }] as const];
  });
  return { ...expects, ...Object.fromEntries(longer) };
}
