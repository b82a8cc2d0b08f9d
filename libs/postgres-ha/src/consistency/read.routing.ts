import { PostgresHaError } from '../errors/postgres-ha.error.js';
import { classifyFailure } from '../database/failure.table.js';
import type { Claims } from './consistency.token.js';
import type { Assurance } from './node.reader.js';
import { unclaimed, type Position, type Replayed, type Standing } from './position.js';
import type { ReadConsistency } from './read-consistency.header.js';
import type { ForwardReason, Served } from './served.js';

/** For how long a node that was behind is taken to be behind still. */
const behindForMs = 20;

/**
 * Whether a node is known to be behind a position.
 *
 * @param standing by the latest observation of the node; undefined when there is none
 * @param ageMs of that observation: a node that was behind may soon have caught up
 */
export function isKnownBehind(standing: Standing | undefined, ageMs: number): boolean {
  return standing === 'behind' && ageMs <= behindForMs;
}

/**
 * Rank of a connection for a read, lower first. A node that is known to be behind comes after all others. Among equals the node
 * that answered this request before comes first, for two standbys may show the same commits in different order.
 *
 * A node that is known to hold the position and one that must be asked rank the same. The question travels with the data, so
 * it costs little, and preferring the known node would leave the other replica idle.
 */
export function rankOf(knownBehind: boolean, pinned: boolean): number {
  return (knownBehind ? 2 : 0) + (pinned ? 0 : 1);
}

/** Which nodes may answer a read, and the positions that the one that answers has to hold. */
export type ReadRoute =
  | {
      /** A replica; the leader when no replica holds the positions in time. */
      readonly to: 'replica';
      readonly positions: readonly Position[];
    }
  | {
      readonly to: 'leader';
      readonly positions: readonly Position[];
      /** Why no replica will do; undefined when the client asked for the leader. */
      readonly forwarded: ForwardReason | undefined;
      readonly admission: Admission;
    };

/**
 * How a read is admitted to the leader: `as-write` when no other node will do, so it waits for a leader as a write does;
 * `in-turn` when it falls back to the leader (see LeaderAdmission).
 */
export type Admission = 'as-write' | 'in-turn';

/**
 * The route of a read.
 *
 * @param claims what the client has seen
 * @param requiredFor the position that proves a bound of staleness; undefined when nothing proves it (see LeaderSampler)
 */
export function routeOf(
  consistency: ReadConsistency,
  claims: Claims | undefined,
  requiredFor: (maxStalenessMs: number) => Replayed | undefined,
): ReadRoute {
  switch (consistency.mode) {
    case 'eventual':
      return { to: 'replica', positions: [] };
    case 'session': {
      const positions = claims?.positions ?? [];
      if (!positions.some(({ leaderOnly }) => leaderOnly)) return { to: 'replica', positions };
      return { to: 'leader', positions, forwarded: 'position-unknown', admission: 'as-write' };
    }
    case 'bounded': {
      const required = requiredFor(consistency.maxStalenessMs);
      if (required !== undefined) return { to: 'replica', positions: [unclaimed(required)] };
      return { to: 'leader', positions: [], forwarded: 'staleness-unknown', admission: 'in-turn' };
    }
    case 'strong':
      return { to: 'leader', positions: [], forwarded: undefined, admission: 'as-write' };
  }
}

/** How far a read has come that a replica may answer. */
export interface RoutingState {
  /** How many times a node turned out to be behind. */
  readonly behind: number;
  readonly elapsedMs: number;
}

export interface RoutingLimits {
  /** How long a read may wait for replicas before it goes to the leader. */
  readonly waitBudgetMs: number;
  /** From here on the leader is asked once more, and then nobody. */
  readonly deadlineMs: number;
}

/** What a read does next. After `wait` it asks a replica, and likewise when the leader cannot be had. */
export type Step =
  | { readonly kind: 'replica' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'leader'; readonly isLastChance: boolean };

const firstPollMs = 2;
const maxPollMs = 10;

/**
 * A replica, then another replica, then wait for one within the budget, then the leader. Another replica comes before
 * the wait because asking it costs a round trip, while a stuck one would cost the whole budget every time.
 */
export function nextStep({ behind, elapsedMs }: RoutingState, { waitBudgetMs, deadlineMs }: RoutingLimits): Step {
  if (behind <= 1) return { kind: 'replica' };
  if (elapsedMs >= waitBudgetMs) return { kind: 'leader', isLastChance: elapsedMs >= deadlineMs };
  return { kind: 'wait', ms: Math.min(maxPollMs, firstPollMs * 2 ** (behind - 2)) };
}

/** Why the node that answered a read was the one to do so. */
export interface RoutingReason {
  /** Label of the metric `reads`: `forwarded`, or how the node was known to hold what the read needs. */
  readonly reason: string;
  readonly forwarded: ForwardReason | undefined;
}

/**
 * The reason for an answer that came from the port of the replicas. A proxy hands that port to the leader when it finds no
 * replica.
 *
 * @param step what the read did before it was answered
 */
export function reasonOf(
  step: Step['kind'],
  { served: { role }, assurance }: { readonly served: Pick<Served, 'role'>; readonly assurance: Assurance },
): RoutingReason {
  if (role === 'leader') return { reason: 'no-replica', forwarded: 'no-replica' };
  if (step === 'wait') return { reason: 'waited', forwarded: undefined };
  return { reason: assurance === 'not-needed' ? 'replica' : assurance, forwarded: undefined };
}

/**
 * Whether a failed read may succeed on another node, or on the same one a little later. A read has no side effects, so it can
 * run again whatever cut its connection. A write in it, which a standby refuses with 25006, would be refused again.
 */
export function isWorthRetrying(error: unknown): boolean {
  if (error instanceof PostgresHaError) return error.code === 'replicas_behind';
  const { outcome, code } = classifyFailure(error);
  return outcome !== 'surface' && code !== '25006';
}
