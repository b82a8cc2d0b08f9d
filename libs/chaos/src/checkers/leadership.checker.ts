import type { History, Operation } from '../history/operation.js';
import { type Finding, named, Tally } from './finding.js';

/** Whether there was only one leader at any time. */
export interface LeadershipOutcome {
  /** Acknowledged writes that prove two leaders on one timeline, or that a superseded leader committed. */
  readonly dual: Finding;
  /** Acknowledged writes that can't be judged: they named no member, or no timeline while it was not certain who led. */
  readonly unjudged: number;
}

/** A leader's time on one timeline, from its first acknowledgement to the last time at which a write of it was sent. */
interface LeaderTerm {
  readonly member: string;
  firstAckMs: number;
  lastInvokedMs: number;
}

/**
 * Finds writes that prove more than one leader. A promotion begins a timeline, so a timeline has one leader. Once a write of a
 * newer timeline was acknowledged, no write that is sent later may be acknowledged on an older one. Requests that overlapped the
 * promotion prove nothing.
 *
 * A write that names a member and no timeline is judged only where one leader's writes surround it: one acknowledged before it
 * was sent, and one sent after it was acknowledged. An answer from the store of idempotency keys is not judged, for another
 * member may have written the row.
 */
export function checkLeadership(history: History): LeadershipOutcome {
  const dual = new Tally();
  const judged: (Operation & { member: string; timeline: number })[] = [];
  const memberOnly: Operation[] = [];
  let unjudged = 0;
  for (const operation of history) {
    const { action, outcome, member, timeline, replayed } = operation;
    if (action !== 'write' || outcome !== 'ok') continue;
    if (member === undefined || replayed === true) unjudged += 1;
    else if (timeline === undefined) memberOnly.push(operation);
    else judged.push(operation as Operation & { member: string; timeline: number });
  }

  const terms = new Map<number, LeaderTerm>();
  for (const { member, timeline, invokedMs, endedMs } of judged) {
    const term = terms.get(timeline);
    if (term === undefined) terms.set(timeline, { member, firstAckMs: endedMs, lastInvokedMs: invokedMs });
    else {
      term.firstAckMs = Math.min(term.firstAckMs, endedMs);
      term.lastInvokedMs = Math.max(term.lastInvokedMs, invokedMs);
    }
  }
  const supersededAtMs = new Map<number, number>();
  let earliest = Number.POSITIVE_INFINITY;
  for (const [timeline, { firstAckMs }] of [...terms].toSorted(([a], [b]) => b - a)) {
    supersededAtMs.set(timeline, earliest);
    earliest = Math.min(earliest, firstAckMs);
  }

  for (const operation of judged) {
    const { member, timeline, invokedMs } = operation;
    const leader = terms.get(timeline)!.member;
    if (leader !== member) {
      dual.add(() => `${named(operation)}: ${member} and ${leader} both committed on timeline ${timeline}`);
    } else if (invokedMs > supersededAtMs.get(timeline)!) {
      dual.add(
        () => `${named(operation)}: ${member} committed on timeline ${timeline}, which a newer one had superseded`,
      );
    }
  }
  const certain = [...terms.values()];
  for (const operation of memberOnly) {
    const { member, invokedMs, endedMs } = operation;
    const leader = certain.find((term) => term.firstAckMs < invokedMs && endedMs < term.lastInvokedMs);
    if (leader === undefined) unjudged += 1;
    else if (leader.member !== member) {
      dual.add(() => `${named(operation)}: ${member} committed while ${leader.member} led`);
    }
  }
  return { dual, unjudged };
}
