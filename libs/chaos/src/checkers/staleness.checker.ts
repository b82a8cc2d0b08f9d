import type { Consistency, History } from '../history/operation.js';
import type { RowOrder } from './row.order.js';
import { percentile, sorted } from '../numbers/sorted.js';

/** Upper bounds of the histogram's buckets, in ms; one more bucket takes what is older. */
export const ageBoundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** Staleness of the reads of one consistency. */
export interface Staleness {
  readonly reads: number;
  readonly stale: number;
  /** Of the stale reads: for how long the newer state had been acknowledged when the read was sent. */
  readonly ageMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
  readonly histogram: { readonly fromMs: number; readonly toMs: number | null; readonly count: number }[];
}

/**
 * Counts stale reads: before the read was sent, a write had been acknowledged that makes the state shown an old one. The age of a
 * stale read is the least that it can have been.
 */
export function checkStaleness(history: History, order: RowOrder): Readonly<Partial<Record<Consistency, Staleness>>> {
  const reads = new Map<Consistency, number>();
  const ages = new Map<Consistency, number[]>();
  for (const read of history) {
    const { action, outcome, consistency, key, invokedMs } = read;
    if (action !== 'read' || outcome !== 'ok' || consistency === undefined) continue;
    reads.set(consistency, (reads.get(consistency) ?? 0) + 1);
    const surpassedAtMs = order.surpassedAtMs(key, order.highest(read));
    if (surpassedAtMs === undefined || surpassedAtMs > invokedMs) continue;
    const of = ages.get(consistency);
    if (of === undefined) ages.set(consistency, [invokedMs - surpassedAtMs]);
    else of.push(invokedMs - surpassedAtMs);
  }
  const outcome: Partial<Record<Consistency, Staleness>> = {};
  for (const [consistency, count] of reads) outcome[consistency] = summarize(count, ages.get(consistency) ?? []);
  return outcome;
}

function summarize(reads: number, agesMs: number[]): Staleness {
  const ages = sorted(agesMs);
  const counts = Array.from({ length: ageBoundsMs.length + 1 }, () => 0);
  for (const age of ages) {
    const bucket = ageBoundsMs.findIndex((bound) => age < bound);
    const index = bucket === -1 ? ageBoundsMs.length : bucket;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return {
    reads,
    stale: ages.length,
    ageMs: { p50: percentile(ages, 50), p99: percentile(ages, 99), max: percentile(ages, 100) },
    histogram: counts.map((count, index) => ({
      fromMs: ageBoundsMs[index - 1] ?? 0,
      toMs: ageBoundsMs[index] ?? null,
      count,
    })),
  };
}
