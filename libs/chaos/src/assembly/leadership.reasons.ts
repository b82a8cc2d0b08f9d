import type { RunEvent } from '../history/run.event.js';
import type { RunResult } from '../results/run.result.js';

/** What a run is held to of who leads. */
export interface LeadershipDemands {
  /** Whether another member must lead at the end, on another timeline; absent: either will do. */
  readonly failover?: boolean | undefined;
  /** Nobody may take the lock or be promoted for as long as the fault is held. */
  readonly leaderless?: boolean | undefined;
  /** How long it is held. */
  readonly holdMs: number;
}

/** Why the run does not show what is demanded of who leads; empty when it does. */
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
 * Nobody else took the lock or was promoted while the fault was held. That proves something only from the moment at which
 * somebody could have: the dead leader's lock must have run out as well.
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
    reasons.push(`the lock did not run out within ${holdMs} ms: that nobody was promoted proves nothing`);
  return reasons;
}
