import { z } from 'zod';

/**
 * The rows of a run as one member has them at the end. They are read on that member, after healing, once it has replayed all that
 * the leader had flushed, or when the wait for that ran out.
 */
export interface MemberState {
  readonly member: string;
  readonly role: 'leader' | 'replica';
  readonly timeline?: number | undefined;
  /** The number of rows by key. Keys without a row are absent. */
  readonly unique: ReadonlyMap<string, number>;
  /** The value of each register and counter. */
  readonly shared: ReadonlyMap<string, number>;
}

/** Stands for the leader where none could be read: it has no row, so every acknowledged write counts as lost. */
export const noLeader: MemberState = { member: 'nobody', role: 'leader', unique: new Map(), shared: new Map() };

/** All rows when a run is over. Checkers compare the history with those of `leader`, which is also one of `members`. */
export interface FinalState {
  readonly leader: MemberState;
  readonly members: readonly MemberState[];
  /** Members that could not be read, and why. They count as diverged. */
  readonly unreadable: readonly { readonly member: string; readonly reason: string }[];
}

/** The state of a server that has no replicas. */
export const finalStateOf = (server: MemberState): FinalState => ({
  leader: server,
  members: [server],
  unreadable: [],
});

/** One line of the file of a final state: a member, whose rows are the lines below it, or a member that could not be read. */
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
