import type { Expectations } from '../checkers/verdict.js';
import type { Lab } from '../../../cluster/src/lab.js';
import type { Recovery } from '../history/recovery.js';
import type { Random } from '../random/random.js';
import type { Nemesis } from './nemesis.js';

/** What a fault works with. */
export interface FaultContext {
  readonly lab: Lab;
  /** Injects, and undoes what it injected. */
  readonly nemesis: Nemesis;
  readonly leader: string;
  /** Every member but the leader. */
  readonly replicas: readonly [string, string];
  readonly etcdLeader: string;
  readonly random: Random;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** How long a fault without a length of its own lasts (`soak --duration`). */
  readonly durationMs?: number | undefined;
  /** How long the fault has to last for its alerts to fire; 0 where nobody watches them. For a fault that heals by itself. */
  readonly alertsHoldMs: number;
  /** Prints one line for people. */
  readonly say: (line: string) => void;
  /** Injects another fault, waits for a failover where it asks for one, and holds it for `holdMs`. */
  readonly inject: (
    fault: Pick<Fault, 'name' | 'inject' | 'untilFailover' | 'composite' | 'holdMs'>,
    holdMs: number,
  ) => Promise<void>;
  /** Resolves when no operation waits for a client any more. */
  readonly caughtUp: () => Promise<void>;
  /** Adds the event that a fault was healed. */
  readonly healed: (fault: Fault) => void;
  /** The context for the cluster as it is now: another member may lead. */
  readonly refreshed: () => Promise<FaultContext>;
  /** Every key and name that the clients write begins with it. */
  readonly prefix: string;
  /** Milliseconds since the start of the run, as in its operations. */
  readonly nowMs: () => number;
  /** Adds to the record of the run that a server was restored. */
  readonly recovered: (recovery: Recovery) => void;
}

/** One kind of fault. However the run ends, the nemesis heals what `inject` broke through it. */
export interface Fault {
  /** Its name on the command line. */
  readonly name: string;
  /** One line for `chaos list`. */
  readonly title: string;
  /** Bounds that each of its runs must keep, besides those of all runs. They are generous: people judge the percentiles. */
  readonly expects: Expectations;
  /** Whether another member must lead at the end, on another timeline. Absent: both outcomes pass. */
  readonly failover?: boolean;
  /** How long to wait between the end of `inject` and healing. */
  readonly holdMs: number;
  /** Waits until another member leads, before the hold begins. */
  readonly untilFailover?: boolean;
  /** Nobody may take over before the fault is healed. The hold must outlast the leader's lock, or the run fails. */
  readonly leaderless?: true;
  /** Only injects other faults: they become events of the run, this one does not. */
  readonly composite?: true;
  /** Runs with the fencing service on; all other faults run without it. */
  readonly fencing?: true;
  /** Part of `chaos run quick`. */
  readonly quick?: boolean;
  /** The reason why this machine can't inject it, or undefined. */
  precondition?(context: Pick<FaultContext, 'lab' | 'leader'>): Promise<string | undefined>;
  inject(context: FaultContext): Promise<void>;
}

/**
 * Bounds of the longest time without a success, the same for plain SQL clients and for clients of the service. They tell what
 * works from what does not, so they lie above everything that was seen on a slow machine. Published runs say how long it takes.
 */
export const gapsWithin = ({ writeMs, readMs }: { writeMs: number; readMs: number }): Expectations => ({
  writeGapMs: { max: writeMs },
  httpWriteGapMs: { max: writeMs },
  readGapMs: { max: readMs },
  httpReadGapMs: { max: readMs },
});
