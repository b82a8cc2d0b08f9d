import { setTimeout as sleep } from 'node:timers/promises';

/** A read of one thing that others of this instance wait for. */
export interface Flight {
  /** Resolves when the read is over, or when it has taken too long to wait for. */
  readonly landed: Promise<void>;
  readonly land: () => void;
}

/** Lets one request read a thing while the others that miss it wait for what it brings. */
export class CacheFlights {
  private readonly flights = new Map<string, Flight>();

  /** @param patienceMs how long others wait; after that each reads for itself */
  constructor(private readonly patienceMs: number) {}

  get size(): number {
    return this.flights.size;
  }

  /** The flight to wait for; undefined: the caller's own has begun, and it ends it by `land`. */
  underWay(key: string): Flight | undefined {
    return this.flights.get(key);
  }

  begin(key: string): Flight {
    const over = new AbortController();
    const landed = sleep(this.patienceMs, undefined, { signal: over.signal })
      .catch(() => undefined)
      .finally(() => this.flights.delete(key));
    const flight: Flight = { landed, land: () => over.abort() };
    this.flights.set(key, flight);
    return flight;
  }
}
