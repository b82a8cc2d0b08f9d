import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';

/** HAProxy accepts with nobody behind it, and a connect just as a server is marked down is never answered. */
const connectTimeoutMs = 2_000;
/**
 * Longest pause before the next connect after one that failed; at random, and shorter after the first. Clients that came back at
 * once, all of them, would keep a busy node from letting anyone in, and measure themselves.
 */
const longestPauseMs = 500;
const firstPauseMs = 25;
/** A pooled connection stays with one node for its life; a new one may find another replica. */
const maxAgeMs = 60_000;

const identitySchema = z.object({ member: z.string() });

/** Where a plain SQL client connects. */
export interface SqlTarget {
  readonly port: number;
  readonly password: string;
}

/** One connection of a client that has nothing but a driver: opened when needed, thrown away when anything went wrong. */
export class SqlConnection {
  private client: pg.Client | undefined;
  private openedMs = 0;
  private failedConnects = 0;
  /** The node at the other end. */
  member: string | undefined;
  /** Warnings of the statement under way. */
  readonly notices: string[] = [];

  constructor(private readonly target: SqlTarget) {}

  /**
   * On the connection that is open, and on no other: a COMMIT on a new one would succeed, and commit nothing.
   *
   * @throws Error of the driver, or when the connection is gone
   */
  async query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    if (this.client === undefined) throw new Error('Connection terminated');
    return this.client.query(text, [...values]);
  }

  /** Opens it if it is closed or old, before an operation; a failure is one of connecting, so nothing was sent. */
  async open(): Promise<void> {
    if (this.client !== undefined && performance.now() - this.openedMs > maxAgeMs) this.retire();
    if (this.client !== undefined) return;
    if (this.failedConnects > 0)
      await sleep(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** this.failedConnects));
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.target.port,
      user: 'app_user',
      password: this.target.password,
      database: 'app_db',
      application_name: 'chaos',
      connectionTimeoutMillis: connectTimeoutMs,
    });
    client.on('error', () => {
      if (this.client === client) this.destroy();
    });
    client.on('notice', ({ message }) => this.notices.push(message ?? ''));
    const late = setTimeout(() => destroySocket(client), 2 * connectTimeoutMs);
    try {
      await client.connect();
      const { rows } = await client.query('SELECT member FROM lab.node_identity()');
      this.member = identitySchema.parse(rows[0]).member;
      this.failedConnects = 0;
    } catch (error) {
      this.failedConnects += 1;
      destroySocket(client);
      throw error;
    } finally {
      clearTimeout(late);
    }
    this.client = client;
    this.openedMs = performance.now();
  }

  /** Cuts it without a word: what is under way fails. */
  destroy(): void {
    const { client } = this;
    this.client = undefined;
    this.member = undefined;
    if (client !== undefined) destroySocket(client);
  }

  /** Says goodbye and does not wait for an answer: the node may be frozen. */
  private retire(): void {
    const { client } = this;
    this.client = undefined;
    client?.end().catch(() => undefined);
  }
}

/** `end()` would wait for the server. */
function destroySocket(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
