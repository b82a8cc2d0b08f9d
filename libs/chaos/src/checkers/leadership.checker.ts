import type { History, Operation } from '../history/operation.js';
import { type Finding, named, Tally } from './finding.js';

/** Whether there was one leader at a time. */
export interface LeadershipOutcome {
  /** Acknowledged writes that two leaders, or a superseded one, committed. */
  readonly dual: Finding;
  /** Acknowledged writes of which nothing can be said: they named no member, or no timeline while none was certain. */
  readonly unjudged: number;
}

/** A timeline, from the first to the last moment at which it was certainly that of the leader. */
interface Reign {
  readonly member: string;
  firstAckMs: number;
  lastInvokedMs: number;
}

/**
 * A promotion begins a timeline, so a timeline has one leader, and once a write of a newer timeline was acknowledged none that
 * is sent later may be acknowledged on an older one. Only what was certainly later counts; requests that overlapped the
 * promotion do not. Of a write that names its member alone it is known who should have served it when writes of one timeline
 * were acknowledged before it was sent, and sent after it was acknowledged. An answer from the store of keys was written
 * earlier, by somebody else perhaps.
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

  const reigns = new Map<number, Reign>();
  for (const { member, timeline, invokedMs, endedMs } of judged) {
    const reign = reigns.get(timeline);
    if (reign === undefined) reigns.set(timeline, { member, firstAckMs: endedMs, lastInvokedMs: invokedMs });
    else {
      reign.firstAckMs = Math.min(reign.firstAckMs, endedMs);
      reign.lastInvokedMs = Math.max(reign.lastInvokedMs, invokedMs);
    }
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
  const certain = [...reigns.values()];
  for (const operation of memberOnly) {
    const { member, invokedMs, endedMs } = operation;
    const leader = certain.find((reign) => reign.firstAckMs < invokedMs && endedMs < reign.lastInvokedMs);
    if (leader === undefined) unjudged += 1;
    else if (leader.member !== member) {
      dual.add(() => `${named(operation)}: ${member} committed while ${leader.member} led`);
    }
  }
  return { dual, unjudged };
}
