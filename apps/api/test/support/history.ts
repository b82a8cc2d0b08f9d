/** One request of a client, with times of its own monotonic clock. */
export interface Attempt {
  /** What makes it unique: the name of the row it writes, or a running number of a read. */
  readonly key: string;
  /** Of an update: the row it writes to, by name, and the number it writes; a client's numbers grow. */
  readonly update?: { readonly row: string; readonly number: number } | undefined;
  readonly startedMs: number;
  readonly endedMs: number;
  /** The service said yes. Anything else, silence included, leaves the outcome open. */
  readonly acknowledged: boolean;
  /** HTTP status, or the class of the network error. */
  readonly outcome: number | string;
  /** `Served-By` of the answer: member and role of the node that ran the query. */
  readonly servedBy?: string | undefined;
}

/** The part of a history that is looked at: from the fault to the moment the clients stopped. */
export interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What became of the rows a history wrote. */
export interface Tally {
  readonly attempted: number;
  readonly acknowledged: number;
  readonly failed: number;
  /** Acknowledged, but not stored. */
  readonly lost: readonly string[];
  /** Stored more than once. */
  readonly duplicates: readonly string[];
  /** Not acknowledged, but stored: allowed, the client was never told otherwise. */
  readonly ghosts: readonly string[];
}

/**
 * The longest time between two consecutive successes that ends within the window, in milliseconds.
 *
 * The last success before the window counts as its beginning and its end as a success: a gap that began before the fault
 * was noticed, or never closed, is not cut short.
 */
export function longestGapMs(successMs: readonly number[], { fromMs, untilMs }: Window): number {
  const sorted = successMs.filter((at) => at <= untilMs).toSorted((a, b) => a - b);
  const before = sorted.findLast((at) => at <= fromMs) ?? fromMs;
  const points = [before, ...sorted.filter((at) => at > fromMs), untilMs];
  return points.slice(1).reduce((longest, at, index) => Math.max(longest, at - (points[index] ?? at)), 0);
}

/** Compares what clients were told with what is stored. `stored` counts the rows found under each key. */
export function tally(history: readonly Attempt[], stored: ReadonlyMap<string, number>): Tally {
  const attempts = history.filter(({ update }) => update === undefined);
  const acknowledged = attempts.filter((attempt) => attempt.acknowledged).map(({ key }) => key);
  const unacknowledged = attempts.filter((attempt) => !attempt.acknowledged).map(({ key }) => key);
  return {
    attempted: attempts.length,
    acknowledged: acknowledged.length,
    failed: unacknowledged.length,
    lost: acknowledged.filter((key) => !stored.has(key)),
    duplicates: [...stored].filter(([, count]) => count > 1).map(([key]) => key),
    ghosts: unacknowledged.filter((key) => stored.has(key)),
  };
}

/**
 * Rows whose stored number is below one that was acknowledged, or was never written.
 *
 * @param stored the number found in each row
 */
export function lostUpdates(attempts: readonly Attempt[], stored: ReadonlyMap<string, number>): string[] {
  const rows = new Map<string, { acknowledged: number; attempted: number }>();
  for (const { update, acknowledged } of attempts) {
    if (update === undefined) continue;
    const known = rows.get(update.row) ?? { acknowledged: 0, attempted: 0 };
    rows.set(update.row, {
      acknowledged: acknowledged ? Math.max(known.acknowledged, update.number) : known.acknowledged,
      attempted: Math.max(known.attempted, update.number),
    });
  }
  return [...rows]
    .filter(([row, { acknowledged, attempted }]) => {
      const number = stored.get(row) ?? -1;
      return number < acknowledged || number > attempted;
    })
    .map(([row]) => row);
}

/** What was not acknowledged. */
export function failed(attempts: readonly Attempt[]): readonly Attempt[] {
  return attempts.filter(({ acknowledged }) => !acknowledged);
}

/** How often each outcome other than success was met, for example `503×4, ECONNRESET×1`. */
export function describeFailures(attempts: readonly Attempt[]): string {
  const counts = new Map<string, number>();
  for (const { acknowledged, outcome } of attempts) {
    if (!acknowledged) counts.set(String(outcome), (counts.get(String(outcome)) ?? 0) + 1);
  }
  return [...counts].map(([outcome, count]) => `${outcome}×${count}`).join(', ') || 'none';
}
