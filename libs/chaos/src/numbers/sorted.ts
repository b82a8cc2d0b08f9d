/**
 * How many leading items of a sorted list fail `reached`, which must be false, then true, along the list: the index of the
 * first that holds.
 */
export function firstIndex(length: number, reached: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The value at or above the given share of a list sorted upwards, by nearest rank; null of an empty list. */
export function percentile(sorted: ArrayLike<number>, percent: number): number | null {
  const index = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  return sorted[index] ?? null;
}

/** Numbers sorted upwards, as numbers. */
export const sorted = (numbers: Iterable<number>): Float64Array => Float64Array.from(numbers).toSorted();
