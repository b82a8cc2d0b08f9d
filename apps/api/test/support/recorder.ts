import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt } from './history.js';
import { until } from './wait.js';

/** How a recorder loads the service. */
export interface Load {
  /** Clients that work at the same time, each with one request under way. */
  readonly clients: number;
  /** Pause of a client between two requests. */
  readonly pauseMs: number;
  /** A request that takes longer is given up and counts as failed. */
  readonly timeoutMs: number;
}

/** Sends one request and reads its answer to the end. */
type Send = (key: string, signal: AbortSignal) => Promise<Response>;

const defaultLoad: Load = { clients: 4, pauseMs: 20, timeoutMs: 15_000 };

/** Concurrent clients that keep a history of what they asked and what they were told. */
export class Recorder {
  private readonly history: Attempt[] = [];
  private readonly clients: Promise<void>[];
  private stopping = false;
  private sent = 0;

  private constructor(
    private readonly prefix: string,
    private readonly send: Send,
    private readonly load: Load,
  ) {
    this.clients = Array.from({ length: load.clients }, () => this.work());
  }

  /**
   * Writes products with a name of their own each.
   *
   * @param prefix of the names, by which they are found again
   */
  static writes(url: string, prefix: string, load: Partial<Load> = {}): Recorder {
    const send: Send = (name, signal) =>
      fetch(`${url}/products`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name, price: 1 }),
        signal,
      });
    return new Recorder(prefix, send, { ...defaultLoad, ...load });
  }

  /** Reads a page of products. */
  static reads(url: string, load: Partial<Load> = {}): Recorder {
    return new Recorder('read', (_, signal) => fetch(`${url}/products?limit=1`, { signal }), {
      ...defaultLoad,
      ...load,
    });
  }

  /** Every request that has ended so far. */
  get attempts(): readonly Attempt[] {
    return this.history;
  }

  /** When each acknowledged request was acknowledged. */
  get successMs(): readonly number[] {
    return this.history.filter(({ acknowledged }) => acknowledged).map(({ endedMs }) => endedMs);
  }

  /** Waits for `count` acknowledged requests that began after `afterMs`: the service is back for new requests. */
  async acknowledged({ count, afterMs, boundMs }: { count: number; afterMs: number; boundMs: number }): Promise<void> {
    const what = `${count} acknowledged requests`;
    await until({ what, boundMs, everyMs: 50 }, () => {
      const fresh = this.history.filter(({ acknowledged, startedMs }) => acknowledged && startedMs > afterMs);
      return fresh.length >= count ? true : undefined;
    });
  }

  /** Sends no more and lets requests under way end. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.clients);
  }

  private async work(): Promise<void> {
    while (!this.stopping) {
      await this.attempt(`${this.prefix}-${(this.sent += 1)}`);
      await sleep(this.load.pauseMs);
    }
  }

  private async attempt(key: string): Promise<void> {
    const startedMs = performance.now();
    const answer = await this.ask(key);
    this.history.push({ key, startedMs, endedMs: performance.now(), ...answer });
  }

  private async ask(key: string): Promise<Pick<Attempt, 'acknowledged' | 'outcome' | 'servedBy'>> {
    try {
      const response = await this.send(key, AbortSignal.timeout(this.load.timeoutMs));
      await response.arrayBuffer();
      const { ok: acknowledged, status: outcome, headers } = response;
      return { acknowledged, outcome, servedBy: headers.get('served-by') ?? undefined };
    } catch (error) {
      return { acknowledged: false, outcome: errorClass(error) };
    }
  }
}

/** fetch hides the reason in `cause`. */
export function errorClass(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error as Error & { cause?: unknown };
  if (cause instanceof Error) return (cause as Error & { code?: string }).code ?? cause.name;
  return error.name;
}
