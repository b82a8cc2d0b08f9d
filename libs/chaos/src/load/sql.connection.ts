import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';

/** HAProxy accepts connections without a server behind it, and never answers one made just as a server is marked down. */
const connectTimeoutMs = 2_000;
/**
 * The longest random pause before a client connects again after a failure; it is shorter after the first failures. If all clients
 * came back at once, they would overload a busy node, and the run would measure the clients.
 */
const longestPauseMs = 500;
const firstPauseMs = 25;
/** A connection stays with one node. A client that reconnects after this time may get another replica. */
const maxAgeMs = 60_000;
/** How long a server may take to say farewell. A frozen one never does. */
const farewellMs = 1_000;

const identitySchema = z.object({ member: z.string() });

/** Where a plain SQL client connects. */
export interface SqlTarget {
  readonly client: Readonly<pg.ClientConfig>;
  /** Asks a server for its name (`member`) on each new connection. Absent: its statements tell, see `SqlDialect`. */
  readonly memberSql?: string;
}

/** The connection of a client that has nothing but a driver: opened when needed, and thrown away after any error. */
export class SqlConnection {
  private client: pg.Client | undefined;
  private openedMs = 0;
  private failedConnects = 0;
  /** The node that it is connected to. */
  member: string | undefined;
  /** SQLSTATEs of the notices and warnings since this was emptied last: their text is in the language of the server. */
  readonly noticeCodes: string[] = [];

  constructor(private readonly target: SqlTarget) {}

  /**
   * Runs a statement on the open connection, and never on a new one: there a COMMIT would succeed and commit nothing.
   *
   * @throws Error of the driver, or when the connection is gone
   */
  async query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    if (this.client === undefined) throw new Error('Connection terminated');
    return this.client.query(text, [...values]);
  }

  /** Connects before an operation if the connection is closed or old. When it throws, no statement was sent. */
  async open(): Promise<void> {
    if (this.client !== undefined && performance.now() - this.openedMs > maxAgeMs) this.retire();
    if (this.client !== undefined) return;
    if (this.failedConnects > 0)
      await sleep(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** this.failedConnects));
    const { memberSql } = this.target;
    const client = new pg.Client({ ...this.target.client, connectionTimeoutMillis: connectTimeoutMs });
    client.on('error', () => {
      if (this.client === client) this.destroy();
    });
    client.on('notice', ({ code }) => this.noticeCodes.push(code ?? ''));
    const late = setTimeout(() => destroySocket(client), 2 * connectTimeoutMs);
    try {
      await client.connect();
      if (memberSql !== undefined) {
        const { rows } = await client.query(memberSql);
        this.member = identitySchema.parse(rows[0]).member;
      }
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

  /** Cuts the connection at once: the statement under way fails. */
  destroy(): void {
    const { client } = this;
    this.client = undefined;
    this.member = undefined;
    if (client !== undefined) destroySocket(client);
  }

  private retire(): void {
    const { client } = this;
    this.client = undefined;
    if (client !== undefined) endSoon(client);
  }
}

/** Ends a connection in order, without waiting for the server: one that is frozen loses its socket a little later. */
export function endSoon(client: pg.Client): void {
  const late = setTimeout(() => destroySocket(client), farewellMs).unref();
  void client
    .end()
    .catch(() => undefined)
    .finally(() => clearTimeout(late));
}

/** Cuts the socket: `end()` would wait for the server. */
function destroySocket(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
