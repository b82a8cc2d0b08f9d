import type { Standing } from './position.js';

/** How old the news may be that a node is behind before it is worth asking again. */
const behindForMs = 20;

/**
 * Whether a node is known to be behind a position, given its standing by the latest observation, if there is one. News
 * that it holds a position stays true; news that it does not is soon worth nothing.
 */
export function isKnownBehind(standing: Standing | undefined, ageMs: number): boolean {
  return standing === 'behind' && ageMs <= behindForMs;
}

/**
 * Rank of a connection for a read, lower first: never a node known to be behind while there is another; among equals
 * the node that answered this request before, for two standbys may show the same commits in different order.
 *
 * A node that holds the position and one that would have to be asked rank the same: the question travels with the data,
 * and always taking the first would leave the other replica idle.
 */
export function rankOf(knownBehind: boolean, pinned: boolean): number {
  return (knownBehind ? 2 : 0) + (pinned ? 0 : 1);
}

/** How far a read that needs a position has come. */
export interface RoutingState {
  /** How many times a node turned out to be behind. */
  readonly behind: number;
  readonly elapsedMs: number;
  /** How long a read may wait for replicas before it goes to the leader. */
  readonly budgetMs: number;
}

/** What a read does next. */
export type Step =
  { readonly kind: 'replica' } | { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'leader' };

const firstPollMs = 2;
const maxPollMs = 10;

/**
 * A replica, then another replica, then wait for one within the budget, then the leader. Another replica comes before
 * the wait because asking it costs a round trip, while a stuck one would cost the whole budget every time.
 */
export function nextStep({ behind, elapsedMs, budgetMs }: RoutingState): Step {
  if (behind <= 1) return { kind: 'replica' };
  if (elapsedMs >= budgetMs) return { kind: 'leader' };
  return { kind: 'wait', ms: Math.min(maxPollMs, firstPollMs * 2 ** (behind - 2)) };
}
