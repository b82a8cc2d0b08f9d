/**
 * The index of the first item of a list for which `reached` holds, or `length` if there is none. By binary search: along the list
 * `reached` must first be false, then true.
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

/** The percentile of numbers in ascending order, by nearest rank; null where there are none. */
export function percentile(sorted: ArrayLike<number>, percent: number): number | null {
  const index = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  return sorted[index] ?? null;
}

/** The numbers in ascending order. */
export const sorted = (numbers: Iterable<number>): Float64Array => Float64Array.from(numbers).toSorted();
