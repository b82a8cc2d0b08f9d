import type { History, Operation } from '../history/operation.js';
import { type Finding, named, Tally } from './finding.js';

/** Whether there was one leader at a time. */
export interface LeadershipOutcome {
  /** Acknowledged writes that two leaders, or a superseded one, committed. */
  readonly dual: Finding;
  /** Acknowledged writes that named no member or no timeline, of which nothing can be said. */
  readonly unjudged: number;
}

interface Reign {
  readonly member: string;
  firstAckMs: number;
}

/**
 * A promotion begins a timeline, so a timeline has one leader, and once a write of a newer timeline was acknowledged none that
 * is sent later may be acknowledged on an older one. Only what was certainly later counts; requests that overlapped the
 * promotion do not.
 */
export function checkLeadership(history: History): LeadershipOutcome {
  const dual = new Tally();
  const judged: (Operation & { member: string; timeline: number })[] = [];
  let unjudged = 0;
  for (const operation of history) {
    const { action, outcome, member, timeline } = operation;
    if (action !== 'write' || outcome !== 'ok') continue;
    if (member === undefined || timeline === undefined) unjudged += 1;
    else judged.push(operation as Operation & { member: string; timeline: number });
  }

  const reigns = new Map<number, Reign>();
  for (const { member, timeline, endedMs } of judged) {
    const reign = reigns.get(timeline);
    if (reign === undefined) reigns.set(timeline, { member, firstAckMs: endedMs });
    else reign.firstAckMs = Math.min(reign.firstAckMs, endedMs);
  }
  const supersededAtMs = new Map<number, number>();
  let earliest = Number.POSITIVE_INFINITY;
  for (const [timeline, { firstAckMs }] of [...reigns].toSorted(([a], [b]) => b - a)) {
    supersededAtMs.set(timeline, earliest);
    earliest = Math.min(earliest, firstAckMs);
  }

  for (const operation of judged) {
    const { member, timeline, invokedMs } = operation;
    const leader = reigns.get(timeline)!.member;
    if (leader !== member) {
      dual.add(() => `${named(operation)}: ${member} and ${leader} both committed on timeline ${timeline}`);
    } else if (invokedMs > supersededAtMs.get(timeline)!) {
      dual.add(
        () => `${named(operation)}: ${member} committed on timeline ${timeline}, which a newer one had superseded`,
      );
    }
  }
  return { dual, unjudged };
}
