import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Lab } from '../../../cluster/src/lab.js';
import { lab as settings } from './settings.js';

/** Clients of an application wait for so long, too; HAProxy answers nothing before it has a server. */
const connectTimeoutMs = 5_000;
const insert = 'INSERT INTO lab.chaos_unique (key) VALUES ($1)';

/** What plain clients saw. */
export interface PlainResult {
  readonly acknowledged: number;
  /** Acknowledged rows that are not on the leader. */
  readonly lost: number;
  /** What each failed operation was told. An operation is an INSERT, a transaction, or a connection with one. */
  readonly errors: readonly string[];
  /** The longest time in which none of them was told that a row is written. */
  readonly gapMs: number;
}

/** How a client writes one row. */
type Write = (key: string) => Promise<void>;

/**
 * Clients of SQL that never try anything again, in equal parts: with a connection each and one statement at a time, with a connection each and
 * short transactions, and with a new connection for each row.
 */
export class PlainClients {
  private readonly prefix = `plain-${randomUUID()}`;
  private readonly acknowledged: string[] = [];
  private readonly errors: string[] = [];
  private readonly running: Promise<void>[] = [];
  private isStopping = false;
  private lastMs = 0;
  private gapMs = 0;

  /** @param everyMs how long each client pauses between two rows */
  constructor(
    private readonly port: number,
    private readonly everyMs = 20,
  ) {}

  /** @param each how many clients of each of the three kinds */
  start(each: number): void {
    this.lastMs = performance.now();
    for (let n = 0; n < each; n += 1) {
      this.running.push(this.kept(`autocommit-${n}`, async (client, key) => void (await client.query(insert, [key]))));
      this.running.push(this.kept(`transaction-${n}`, transaction));
      this.running.push(this.loop(`connect-${n}`, (key) => this.connected((client) => transaction(client, key))));
    }
  }

  /** Ends the clients, and looks for their rows on the leader. Removes the rows. */
  async stop(lab: Lab): Promise<PlainResult> {
    this.isStopping = true;
    await Promise.all(this.running);
    const { acknowledged, errors, gapMs, prefix } = this;
    const like = `FROM lab.chaos_unique WHERE key LIKE '${prefix}%'`;
    const present = new Set(await lab.psql(await lab.leader(), `SELECT key ${like}`));
    await lab.psql(await lab.leader(), `DELETE ${like}`);
    const lost = acknowledged.filter((key) => !present.has(key)).length;
    return { acknowledged: acknowledged.length, lost, errors, gapMs };
  }

  /** A client with one connection, and a new one only after an error. */
  private async kept(name: string, write: (client: pg.Client, key: string) => Promise<void>): Promise<void> {
    let client: pg.Client | undefined;
    await this.loop(name, async (key) => {
      client ??= await this.connect();
      const used = client;
      await write(used, key).catch((error: unknown) => {
        client = undefined;
        used.end().catch(() => undefined);
        throw error;
      });
    });
    await client?.end();
  }

  private async loop(name: string, write: Write): Promise<void> {
    for (let n = 0; !this.isStopping; n += 1) {
      const key = `${this.prefix}-${name}-${n}`;
      try {
        await write(key);
        this.acknowledged.push(key);
        const nowMs = performance.now();
        this.gapMs = Math.max(this.gapMs, nowMs - this.lastMs);
        this.lastMs = nowMs;
      } catch (error) {
        this.errors.push(error instanceof Error ? error.message : String(error));
      }
      await sleep(this.everyMs);
    }
  }

  private async connected(use: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = await this.connect();
    try {
      await use(client);
    } finally {
      client.end().catch(() => undefined);
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...settings.sql, port: this.port, connectionTimeoutMillis: connectTimeoutMs });
    // The operation under way, or the next one, fails by itself.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

async function transaction(client: pg.Client, key: string): Promise<void> {
  await client.query('BEGIN');
  await client.query(insert, [key]);
  await client.query('COMMIT');
}
