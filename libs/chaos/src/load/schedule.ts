/** The share of the operations that each kind of client gets; any positive numbers. */
export type Shares<Kind extends string> = Readonly<Record<Kind, number>>;

/**
 * An open-loop schedule: operation `n` is due at `n / rate` seconds, whatever the servers do, and goes to the kind of client that
 * is furthest behind its share. Deterministic.
 */
export class Schedule<Kind extends string> {
  private readonly kinds: readonly Kind[];
  private readonly credit: number[];
  private next = 0;

  /** @param ratePerSecond operations of all kinds together */
  constructor(
    private readonly ratePerSecond: number,
    private readonly shares: Shares<Kind>,
  ) {
    this.kinds = Object.keys(shares) as Kind[];
    this.credit = this.kinds.map(() => 0);
  }

  /** The operations that came due since the last call, up to `nowMs`. */
  *due(nowMs: number): Generator<{ kind: Kind; dueMs: number }> {
    for (;;) {
      const dueMs = (this.next * 1_000) / this.ratePerSecond;
      if (dueMs > nowMs) return;
      this.next += 1;
      yield { kind: this.pickKind(), dueMs };
    }
  }

  private pickKind(): Kind {
    const total = this.kinds.reduce((sum, kind) => sum + this.shares[kind], 0);
    let best = 0;
    this.kinds.forEach((kind, index) => {
      this.credit[index] = (this.credit[index] ?? 0) + this.shares[kind] / total;
      if ((this.credit[index] ?? 0) > (this.credit[best] ?? 0)) best = index;
    });
    this.credit[best] = (this.credit[best] ?? 0) - 1;
    return this.kinds[best] as Kind;
  }
}
