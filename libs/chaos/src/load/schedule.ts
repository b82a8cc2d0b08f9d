/** What share of the operations goes to a lane; any positive numbers. */
export type Shares<Name extends string> = Readonly<Record<Name, number>>;

/**
 * An open-loop schedule: operation `n` is due at `n / rate` seconds and goes to the lane that is furthest behind its share,
 * whatever the servers do. Deterministic.
 */
export class Schedule<Name extends string> {
  private readonly names: readonly Name[];
  private readonly credit: number[];
  private next = 0;

  /**
   * @param ratePerSecond of all lanes together
   */
  constructor(
    private readonly ratePerSecond: number,
    private readonly shares: Shares<Name>,
  ) {
    this.names = Object.keys(shares) as Name[];
    this.credit = this.names.map(() => 0);
  }

  /** The operations that have come due by `nowMs` and were not given before. */
  *due(nowMs: number): Generator<{ lane: Name; dueMs: number }> {
    for (;;) {
      const dueMs = (this.next * 1_000) / this.ratePerSecond;
      if (dueMs > nowMs) return;
      this.next += 1;
      yield { lane: this.pickLane(), dueMs };
    }
  }

  private pickLane(): Name {
    const total = this.names.reduce((sum, name) => sum + this.shares[name], 0);
    let best = 0;
    this.names.forEach((name, index) => {
      this.credit[index] = (this.credit[index] ?? 0) + this.shares[name] / total;
      if ((this.credit[index] ?? 0) > (this.credit[best] ?? 0)) best = index;
    });
    this.credit[best] = (this.credit[best] ?? 0) - 1;
    return this.names[best] as Name;
  }
}
