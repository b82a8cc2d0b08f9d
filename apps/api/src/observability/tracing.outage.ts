/** One line of the log about the collector. */
export interface OutageLine {
  readonly event: 'traces_lost' | 'traces_resumed';
  readonly reason?: string;
}

/** Says once that traces do not reach the collector, and once that they do again. Those of the meantime are lost. */
export class CollectorOutage {
  private isAway = false;

  constructor(private readonly say: (line: OutageLine) => void) {}

  /** @param error why a batch could not be delivered; undefined when it was */
  exported(error: Error | undefined): void {
    const wasAway = this.isAway;
    this.isAway = error !== undefined;
    if (error !== undefined && !wasAway) this.say({ event: 'traces_lost', reason: reasonOf(error) });
    if (error === undefined && wasAway) this.say({ event: 'traces_resumed' });
  }
}

/** The error of a name with several addresses has a code and no message. */
function reasonOf({ code, message }: Error & { readonly code?: unknown }): string {
  return message === '' ? String(code) : message;
}
