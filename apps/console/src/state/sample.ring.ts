/** The last samples of several series, in a memory that never grows. */
export class SampleRing {
  private readonly columns: readonly Float64Array[];
  private next = 0;
  private filled = 0;

  /**
   * @param capacity how many samples are kept
   * @param width values per sample; the first is the time, and grows
   */
  constructor(
    private readonly capacity: number,
    width: number,
  ) {
    this.columns = Array.from({ length: width }, () => new Float64Array(capacity));
  }

  /** Adds a sample; the oldest goes when there is no room. */
  push(sample: readonly (number | null)[]): void {
    this.columns.forEach((column, index) => {
      column[this.next] = sample[index] ?? Number.NaN;
    });
    this.next = (this.next + 1) % this.capacity;
    this.filled = Math.min(this.filled + 1, this.capacity);
  }

  /** The chosen columns, oldest sample first, from `since` on. Null where a sample had no value. */
  read(indexes: readonly number[], since: number): (number | null)[][] {
    const oldest = (this.next - this.filled + this.capacity) % this.capacity;
    const rows: number[] = [];
    for (let age = 0; age < this.filled; age += 1) {
      const row = (oldest + age) % this.capacity;
      if ((this.columns[0]?.[row] ?? Number.NaN) >= since) rows.push(row);
    }
    return indexes.map((index) =>
      rows.map((row) => {
        const value = this.columns[index]?.[row] ?? Number.NaN;
        return Number.isNaN(value) ? null : value;
      }),
    );
  }
}
