import type { Expectations } from '../checkers/verdict.js';
import type { Lab } from '../../../cluster/src/lab.js';
import type { Random } from '../random/random.js';
import type { Nemesis } from './nemesis.js';

/** What a fault has to work with. */
export interface FaultContext {
  readonly lab: Lab;
  /** Injects, and undoes what it injected. */
  readonly nemesis: Nemesis;
  readonly leader: string;
  /** Every member but the leader. */
  readonly replicas: readonly [string, string];
  readonly etcdLeader: string;
  readonly random: Random;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds that a fault of free length should take (`soak --duration`). */
  readonly durationMs?: number | undefined;
  /** One line for people. */
  readonly say: (line: string) => void;
  /** Injects another fault, waits for what it waits for, and holds it. */
  readonly inject: (fault: Fault, holdMs: number) => Promise<void>;
  /** Resolves when no operation waits for a client any more. */
  readonly caughtUp: () => Promise<void>;
  /** Writes down that it was healed. */
  readonly healed: (fault: Fault) => void;
  /** The context for the cluster as it is now: another member may lead. */
  readonly refreshed: () => Promise<FaultContext>;
}

/** One kind of trouble. The nemesis heals whatever `inject` breaks through it, however the run ends. */
export interface Fault {
  /** As on the command line. */
  readonly name: string;
  /** One line for `chaos list`. */
  readonly title: string;
  /** What its runs must show, besides what holds for all. Bounds of one run, generous: percentiles over many runs are judged by people. */
  readonly expects: Expectations;
  /** Whether another member must lead at the end, on another timeline; absent: either will do. */
  readonly failover?: boolean;
  /** How long it stays broken after `inject` has returned, before it is healed. */
  readonly holdMs: number;
  /** Heal only once another member leads; the hold comes after that. */
  readonly untilFailover?: boolean;
  /** Nobody may take over before it is healed, though the hold outlasts the leader's lock: which it must, or the run fails. */
  readonly leaderless?: true;
  /** Injects other faults and is none itself: they are written down, it is not. */
  readonly composite?: true;
  /** Runs with the fencing service on, which is a setup of its own; all others run without it. */
  readonly fencing?: true;
  /** Part of `chaos run quick`. */
  readonly quick?: boolean;
  /** Why this machine can't do it, or undefined. */
  precondition?(context: Pick<FaultContext, 'lab' | 'leader'>): Promise<string | undefined>;
  inject(context: FaultContext): Promise<void>;
}

/**
 * Bounds of the longest time without a success, for plain SQL clients and for those of the service alike. They tell what
 * works from what does not, on a slow machine too, and are above all that was seen on one. How long it takes is for the
 * published runs to say.
 */
export const gapsWithin = ({ writeMs, readMs }: { writeMs: number; readMs: number }): Expectations => ({
  writeGapMs: { max: writeMs },
  httpWriteGapMs: { max: writeMs },
  readGapMs: { max: readMs },
  httpReadGapMs: { max: readMs },
});
