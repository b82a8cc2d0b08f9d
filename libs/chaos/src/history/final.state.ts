import { z } from 'zod';

/**
 * The rows of a run as one member has them at the end, read on that member itself after healing, once its replay has passed
 * what the leader had flushed, or the wait for that ran out.
 */
export interface MemberState {
  readonly member: string;
  readonly role: 'leader' | 'replica';
  readonly timeline?: number | undefined;
  /** How many rows have the key. Keys without a row are absent. */
  readonly unique: ReadonlyMap<string, number>;
  /** Value of each register and counter. */
  readonly shared: ReadonlyMap<string, number>;
}

/** The leader of a final state without any: no row is there, so every acknowledged write counts as lost. */
export const noLeader: MemberState = { member: 'nobody', role: 'leader', unique: new Map(), shared: new Map() };

/** What is there when a run is over. `leader` is the truth the history is checked against; members include it. */
export interface FinalState {
  readonly leader: MemberState;
  readonly members: readonly MemberState[];
  /** Members that could not be read, with the reason. They count as diverged. */
  readonly unreadable: readonly { readonly member: string; readonly reason: string }[];
}

/** One line of the file a final state is kept in: a member's heading, followed by its rows, or one that could not be read. */
export const finalLineSchema = z.union([
  z.object({
    member: z.string(),
    role: z.enum(['leader', 'replica']),
    timeline: z.number().optional(),
  }),
  z.object({ unique: z.string(), count: z.number() }),
  z.object({ shared: z.string(), value: z.number() }),
  z.object({ unreadable: z.string(), reason: z.string() }),
]);
