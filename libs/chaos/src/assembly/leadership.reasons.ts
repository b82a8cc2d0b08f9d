import type { RunEvent } from '../history/run.event.js';
import type { RunResult } from '../results/run.result.js';

/** What a run must show about who leads. */
export interface LeadershipDemands {
  /** Whether another member must lead at the end, on another timeline. Absent: both outcomes pass. */
  readonly failover?: boolean | undefined;
  /** Nobody may take the lock or be promoted for as long as the fault is held. */
  readonly leaderless?: boolean | undefined;
  /** How long the fault is held. */
  readonly holdMs: number;
}

/** The reasons for which a run does not meet the demands on leadership; empty when it meets them. */
export function leadershipReasons(
  { failover, leaderless, holdMs }: LeadershipDemands,
  timeline: RunResult['timeline'],
  events: readonly RunEvent[],
): string[] {
  return [...failoverReasons(failover, timeline), ...(leaderless === true ? leaderlessReasons(holdMs, events) : [])];
}

function failoverReasons(failover: boolean | undefined, { before, after }: RunResult['timeline']): string[] {
  if (failover === undefined) return [];
  if (before === null || after === null) return ['no timeline was seen'];
  if (failover === after > before) return [];
  return [failover ? `no other leader: still timeline ${after}` : `a failover: timeline ${before} became ${after}`];
}

/**
 * While the fault was held, nobody may take the lock or be promoted. That proves something only if somebody could have done so:
 * therefore the dead leader's lock must have run out as well.
 */
function leaderlessReasons(holdMs: number, events: readonly RunEvent[]): string[] {
  const fault = events.find(({ kind }) => kind === 'fault');
  if (fault === undefined) return ['no fault was seen'];
  const held = events.filter(({ atMs }) => atMs >= fault.atMs && atMs <= fault.atMs + holdMs);
  const taken = held.filter(({ kind }) => kind === 'newLock' || kind === 'promoted');
  const reasons = taken.map(
    ({ kind, member, atMs }) =>
      `${member} ${kind === 'newLock' ? 'took the lock' : 'was promoted'} ${Math.round(atMs - fault.atMs)} ms after the fault, before it was healed`,
  );
  if (!held.some(({ kind }) => kind === 'lockReleased'))
    reasons.push(`the lock did not run out within ${holdMs} ms: so it proves nothing that nobody was promoted`);
  return reasons;
}
