import type { RunView } from '../protocol.js';
import type { Check, Facts, Step } from './lesson.js';

type Figures = NonNullable<RunView['figures']>;

/** Operations a second in every lesson: enough for figures, and two cores have room beside it. */
const ratePerSecond = 60;

/** Begins most lessons. */
export const startLoad = (text: string): Step => ({
  text,
  does: { kind: 'load', ratePerSecond },
  check: {
    says: 'Writes over HTTP succeed.',
    holds: ({ snapshot: { client } }) => (client !== null && client.lanes.httpWrites.perSecond > 0) || undefined,
  },
});

/** A check of a run of this fault. It is not known while there is none, or where this machine could not do it. */
export const afterRun = (
  fault: string,
  says: string,
  holds: (figures: Figures, facts: Facts) => boolean | undefined,
): Check => ({
  says,
  holds(facts) {
    const { lastRun } = facts;
    return lastRun?.scenario === fault && lastRun.figures !== undefined ? holds(lastRun.figures, facts) : undefined;
  },
});

/** Whether another member leads, on the timeline after the one before. */
export const hasFailedOver = ({ leader, leaderBefore, timelineBefore, timelineAfter }: Figures): boolean =>
  leader !== null &&
  leader !== leaderBefore &&
  timelineBefore !== null &&
  timelineAfter !== null &&
  timelineAfter === timelineBefore + 1;

/** Whether the same member leads, on the same timeline. */
export const hasStayed = ({ leader, leaderBefore, timelineBefore, timelineAfter }: Figures): boolean =>
  leader !== null && leader === leaderBefore && timelineBefore !== null && timelineAfter === timelineBefore;

/** Whether a figure was measured and is below a bound. */
export const isBelow = (ms: number | null, boundMs: number): boolean => ms !== null && ms < boundMs;

/** Whether a figure was measured and is above a bound. */
export const isAbove = (ms: number | null, boundMs: number): boolean => ms !== null && ms > boundMs;

/** Whether the service answered every HTTP request of a run that had some. */
export const hasServedAll = ({ httpRequests, httpFailed }: Figures): boolean => httpRequests > 0 && httpFailed === 0;

/** Whether every write that was acknowledged is there at the end, in a run that had some. */
export const hasKeptAll = ({ acked, lost }: Figures): boolean => acked > 0 && lost === 0;
