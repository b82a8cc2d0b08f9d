/** Counts events, by label. */
export interface Counter<Label extends string> {
  inc(labels: Readonly<Record<Label, string>>): void;
}

/** Holds one number. */
export interface Gauge {
  set(value: number): void;
}

/**
 * What the library tells about its work. The members have the shape of prom-client's classes, so that these can be given as
 * they are; names, help texts and buckets are the application's.
 */
export interface DataMetrics {
  /** Reads that were answered, by consistency mode and by what decided who answered (consistency/README.md). */
  readonly reads: Counter<'mode' | 'reason'>;
  /** Seconds from the first node found behind to the node that answered. */
  readonly readWaitSeconds: { observe(labels: { readonly mode: string }, seconds: number): void };
  /** Reads that the leader answered where a replica was wanted. */
  readonly readFallbacks: Counter<'reason'>;
  /** Attempts of a read that were followed by another. */
  readonly readRetries: Counter<'reason'>;
  /** Reads that were refused because too many were already falling back to the leader. */
  readonly readCapRejections: { inc(): void };
  /** Reads whose token named a state that a failover has lost. */
  readonly lostWrites: { inc(): void };
  /** Units of work by how they ended: committed, replayed, rejected, refused, unavailable or unknown. */
  readonly writes: Counter<'outcome'>;
  /** Attempts of a write that were followed by another. */
  readonly writeRetries: Counter<'reason'>;
  /** Seconds for which a unit of work was held: it waited for a leader, or needed more than one attempt. */
  readonly writeHeldSeconds: { observe(seconds: number): void };
  /** Units of work under way or waiting for a leader. */
  readonly writesInFlight: Gauge;
  /** 1 while writes wait because the leader cannot be reached, else 0. */
  readonly writesHeld: Gauge;
}

const uncounted = { inc: () => undefined, set: () => undefined, observe: () => undefined };

/** Counts nothing. */
export const noMetrics: DataMetrics = {
  reads: uncounted,
  readWaitSeconds: uncounted,
  readFallbacks: uncounted,
  readRetries: uncounted,
  readCapRejections: uncounted,
  lostWrites: uncounted,
  writes: uncounted,
  writeRetries: uncounted,
  writeHeldSeconds: uncounted,
  writesInFlight: uncounted,
  writesHeld: uncounted,
};
