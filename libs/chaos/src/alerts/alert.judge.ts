import { clearsWithinSeconds, type FaultAlerts } from './expected.alerts.js';

/** A time in which an alert fired, whatever it was about: `MemberDown` of two members is one time. On the clock of the run. */
export interface AlertSpan {
  readonly alert: string;
  readonly firedMs: number;
  /** Absent while it still fires. */
  readonly clearedMs?: number;
}

/** One fault of a run, and until when its alerts were watched. */
export interface WatchedFault {
  readonly faultMs: number;
  readonly healedMs: number;
  readonly endMs: number;
  /** How often Prometheus has not answered meanwhile. */
  readonly missed: number;
}

/** An alert that a fault raised, and how fast. */
export interface RaisedAlert {
  readonly alert: string;
  /** From the fault until it fired first. */
  readonly firedAfterSeconds: number;
  /** From healing until it cleared for the last time: negative where it cleared before. Null where it still fires. */
  readonly clearedAfterSeconds: number | null;
  readonly expected: 'yes' | 'possible' | 'no';
}

/** What the alerts said of a fault. */
export interface AlertOutcome {
  /** In the order of firing. */
  readonly raised: RaisedAlert[];
  /** What is wrong, a sentence each; empty where everything is as the table says. */
  readonly problems: string[];
}

/**
 * So many looks may miss an answer: a busy machine has some. With one look missed between them two answers are 4 s apart, with two in a
 * row 7 s, with three 10 s (2 s for an answer, 1 s until the next look). An alert fires for 5 s at least, the interval of Prometheus'
 * evaluations: two or three in a row can hide one.
 */
const mostMissed = 3;

const seconds = (ms: number) => Math.round(ms / 100) / 10;

/**
 * Compares the alerts of a fault with those that it should raise: each of them, in time, no other, and none for long after healing.
 * An alert that fired already when the fault began is a problem, and counts for nothing else.
 */
export function judgeAlerts(
  spans: readonly AlertSpan[],
  { faultMs, healedMs, endMs, missed }: WatchedFault,
  { raises, mayRaise = [] }: FaultAlerts,
): AlertOutcome {
  const before = spans.filter(({ firedMs }) => firedMs < faultMs);
  const after = spans.filter(({ firedMs }) => firedMs >= faultMs).toSorted((a, b) => a.firedMs - b.firedMs);
  const bounds = new Map(raises.map(({ alert, withinSeconds }) => [alert, withinSeconds]));

  const raised = [...new Set(after.map(({ alert }) => alert))].map((alert): RaisedAlert => {
    const own = after.filter((span) => span.alert === alert);
    const clearedMs = own.map((span) => span.clearedMs ?? Number.POSITIVE_INFINITY);
    const lastMs = Math.max(...clearedMs);
    return {
      alert,
      firedAfterSeconds: seconds(own[0]!.firedMs - faultMs),
      clearedAfterSeconds: Number.isFinite(lastMs) ? seconds(lastMs - healedMs) : null,
      expected: bounds.has(alert) ? 'yes' : mayRaise.includes(alert) ? 'possible' : 'no',
    };
  });

  const fired = (alert: string) => raised.find((candidate) => candidate.alert === alert);
  const problems = [
    ...(missed > mostMissed ? [`Prometheus has not answered ${missed} times: nobody knows what fired meanwhile`] : []),
    ...before
      .filter(({ clearedMs }) => clearedMs === undefined || clearedMs >= faultMs)
      .map(({ alert }) => `${alert} fired already when the fault began`),
    ...raises
      .filter(({ alert }) => fired(alert) === undefined)
      .map(({ alert, withinSeconds }) => `${alert} did not fire, which it does within ${withinSeconds} s`),
    ...raised.flatMap(({ alert, firedAfterSeconds }) => {
      const bound = bounds.get(alert);
      return bound === undefined || firedAfterSeconds <= bound
        ? []
        : [`${alert} fired after ${firedAfterSeconds} s, later than ${bound} s`];
    }),
    ...raised
      .filter(({ expected }) => expected === 'no')
      .map(
        ({ alert, firedAfterSeconds }) =>
          `${alert} fired after ${firedAfterSeconds} s, which this fault should not raise`,
      ),
    ...raised.flatMap(({ alert, clearedAfterSeconds }) => {
      if (clearedAfterSeconds === null) return [`${alert} still fires ${seconds(endMs - healedMs)} s after healing`];
      return clearedAfterSeconds <= clearsWithinSeconds
        ? []
        : [`${alert} cleared ${clearedAfterSeconds} s after healing, later than ${clearsWithinSeconds} s`];
    }),
  ];
  return { raised, problems };
}
