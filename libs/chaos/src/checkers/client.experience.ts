import type { RunRecord } from './check.js';
import { countErrors } from './error.counts.js';
import { longestGap } from './gap.checker.js';
import { checkUniques } from './unique.checker.js';

/** What one client saw of the one fault of a run. */
export interface ClientExperience {
  /** Longest time without an acknowledged write; undefined where none was attempted after the fault. */
  readonly writeGapMs: number | undefined;
  /** Whether writes came back before the fault was healed. */
  readonly recovered: boolean;
  /** How many writes failed, by error class. */
  readonly errors: Readonly<Record<string, number>>;
  readonly acked: number;
  readonly lost: number;
  /** Rows that are there although the client was told that their write failed, or was told nothing. */
  readonly unexpected: number;
}

/** @param session the client @throws Error where no fault was injected */
export function clientExperience({ history, final, events }: RunRecord, session: string): ClientExperience {
  const faultMs = events.find(({ kind }) => kind === 'fault')?.atMs;
  if (faultMs === undefined) throw new Error('no fault was injected');
  const healedMs = events.find(({ kind }) => kind === 'healed')?.atMs ?? Number.POSITIVE_INFINITY;
  const own = history.filter((operation) => operation.session === session);
  const gap = longestGap(own, () => true, faultMs);
  const { lost, unknownPresent } = checkUniques(own, final.leader);
  return {
    writeGapMs: gap?.gapMs,
    recovered: gap?.recovered === true && gap.toMs < healedMs,
    errors: countErrors(own).byClass,
    acked: own.filter(({ outcome }) => outcome === 'ok').length,
    lost: lost.count,
    unexpected: unknownPresent,
  };
}
