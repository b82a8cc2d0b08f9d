const defaultIntervalMs = 10_000;

/**
 * A log for events that may happen with every request. The first event of a kind is written at once, after that at most one line per
 * interval, with the number of events it stands for. Metrics count every event.
 */
export class RateLimitedLog {
  private readonly kinds = new Map<string, { writtenAtMs: number; untold: number }>();

  /**
   * @param write takes the fields of one line; they gain `times`, the number of events since the line before it
   * @param intervalMs between two lines of one kind @default 10 000
   */
  constructor(
    private readonly write: (line: object) => void,
    private readonly intervalMs = defaultIntervalMs,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @param kind one of few, because every kind is remembered */
  note(kind: string, fields: object): void {
    const nowMs = this.nowMs();
    const { writtenAtMs, untold } = this.kinds.get(kind) ?? { writtenAtMs: -Infinity, untold: 0 };
    if (nowMs - writtenAtMs < this.intervalMs) {
      this.kinds.set(kind, { writtenAtMs, untold: untold + 1 });
      return;
    }
    this.kinds.set(kind, { writtenAtMs: nowMs, untold: 0 });
    this.write({ ...fields, times: untold + 1 });
  }
}
