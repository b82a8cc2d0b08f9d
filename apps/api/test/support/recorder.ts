import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Attempt } from './history.js';
import { lab } from './settings.js';
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

/** What one client sends next. `key` is unique among all clients. */
interface Sending {
  readonly update?: Attempt['update'];
  readonly send: (signal: AbortSignal) => Promise<Response>;
  /** Told when the request was acknowledged. */
  readonly acknowledged?: () => void;
}

type Client = (key: string) => Sending;

/** 32 clients in all: the writers and the readers of a drill. */
const defaultLoad: Load = { clients: 16, pauseMs: 40, timeoutMs: 40_000 };

/** Concurrent clients that keep a history of what they asked and what they were told. */
export class Recorder {
  private readonly history: Attempt[] = [];
  private readonly clients: Promise<void>[];
  private stopping = false;
  private sent = 0;

  private constructor(
    private readonly prefix: string,
    client: () => Client,
    private readonly load: Load,
    private readonly close: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.clients = Array.from({ length: load.clients }, () => this.work(client()));
  }

  /**
   * Clients that create products with a name of their own each and, every other time, write a growing number to one of
   * them. Each request has an `Idempotency-Key`.
   *
   * @param prefix of the names, by which they are found again
   */
  static writes(url: string, prefix: string, load: Partial<Load> = {}): Recorder {
    return new Recorder(prefix, () => writingClient(url), { ...defaultLoad, ...load });
  }

  /** Clients that read a page of products. */
  static reads(url: string, load: Partial<Load> = {}): Recorder {
    const client: Client = () => ({ send: (signal) => fetch(`${url}/products?limit=1`, { signal }) });
    return new Recorder('read', () => client, { ...defaultLoad, ...load });
  }

  /**
   * Clients that insert products by plain SQL through HAProxy's port of the leader, past the service: what somebody sees
   * who only connects again.
   */
  static sqlWrites(prefix: string, load: Partial<Load> = {}): Recorder {
    const merged = { ...defaultLoad, ...load };
    let closed: Promise<void> | undefined;
    const pool = new pg.Pool({ ...lab.sql, max: merged.clients, connectionTimeoutMillis: 500, query_timeout: 5_000 });
    // An idle connection that breaks is replaced; what was under way fails by itself.
    pool.on('error', () => undefined);
    const client: Client = (name) => ({
      send: async () => {
        await pool.query('INSERT INTO products (name, price) VALUES ($1, 0)', [name]);
        return new Response(null, { status: 201 });
      },
    });
    return new Recorder(
      prefix,
      () => client,
      merged,
      () => (closed ??= pool.end()),
    );
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
    await this.close();
  }

  private async work(client: Client): Promise<void> {
    while (!this.stopping) {
      const key = `${this.prefix}-${(this.sent += 1)}`;
      await this.attempt(key, client(key));
      await sleep(this.load.pauseMs);
    }
  }

  private async attempt(key: string, { send, update, acknowledged }: Sending): Promise<void> {
    const startedMs = performance.now();
    const answer = await ask(send, AbortSignal.timeout(this.load.timeoutMs));
    this.history.push({ key, update, startedMs, endedMs: performance.now(), ...answer });
    if (answer.acknowledged) acknowledged?.();
  }
}

function writingClient(url: string): Client {
  let row: { readonly name: string; readonly path: string } | undefined;
  let number = 0;
  const send = (method: string, path: string, key: string, body: object, signal: AbortSignal) =>
    fetch(`${url}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(body),
      signal,
    });
  const create = (name: string): Sending => {
    let path: string | null = null;
    return {
      send: async (signal) => {
        const response = await send('POST', '/products', name, { name, price: 0 }, signal);
        path = response.headers.get('location');
        return response;
      },
      acknowledged: () => {
        if (path !== null) row ??= { name, path };
      },
    };
  };
  return (key) => {
    if (row === undefined || number % 2 === 1) {
      number += 1;
      return create(key);
    }
    const { name, path } = row;
    number += 1;
    const price = number;
    return {
      update: { row: name, number: price },
      send: (signal) => send('PUT', path, key, { name, price }, signal),
    };
  };
}

async function ask(
  send: (signal: AbortSignal) => Promise<Response>,
  signal: AbortSignal,
): Promise<Pick<Attempt, 'acknowledged' | 'outcome' | 'servedBy'>> {
  try {
    const response = await send(signal);
    await response.arrayBuffer();
    const { ok: acknowledged, status: outcome, headers } = response;
    return { acknowledged, outcome, servedBy: headers.get('served-by') ?? undefined };
  } catch (error) {
    return { acknowledged: false, outcome: errorClass(error) };
  }
}

/** fetch hides the reason in `cause`. */
export function errorClass(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error as Error & { cause?: unknown };
  if (cause instanceof Error) return (cause as Error & { code?: string }).code ?? cause.name;
  return error.name;
}
