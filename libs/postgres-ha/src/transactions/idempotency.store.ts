import { escapeIdentifier, escapeLiteral, type ClientBase } from 'pg';
import type { Answer } from './answer.js';
import type { LastStatement } from './commit.js';
import type { IdempotencyKey } from './idempotency.key.js';

/** What is stored under a key. */
export interface StoredAnswer {
  readonly fingerprint: Buffer;
  readonly answer: Answer;
}

interface KeyRow {
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** Any connection of pg on which a transaction is open. */
export type InTransaction = Pick<ClientBase, 'query'>;

const tableName = 'idempotency_keys';

/** Name of the constraint that two writes of the same key meet at. */
export const keyConstraint = `${tableName}_pkey`;

/** How long a key is kept: for a client's to repeat its request, for ours to resolve one commit. */
const keptForClient = '24 hours';
const keptForServer = '1 hour';

/** The table of idempotency keys, as SQL names it. */
export function keysTable(schema: string): string {
  return `${escapeIdentifier(schema)}.${tableName}`;
}

/** Makes the table of idempotency keys, for a migration of the application. Its login needs SELECT, INSERT, UPDATE and DELETE. */
export function createKeysTable(schema: string): readonly string[] {
  const table = keysTable(schema);
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (
       scope text NOT NULL,
       key text NOT NULL,
       fingerprint bytea NOT NULL,
       status smallint NOT NULL,
       headers jsonb NOT NULL,
       body text,
       replays integer NOT NULL DEFAULT 0,
       kept_until timestamptz NOT NULL,
       CONSTRAINT ${keyConstraint} PRIMARY KEY (scope, key)
     )`,
    `CREATE INDEX IF NOT EXISTS ${tableName}_kept_until ON ${table} (kept_until)`,
  ];
}

/** Answers under their keys, read and written within the transaction of the write they speak of. */
export class IdempotencyStore {
  private readonly table: string;

  /** @param schema where the table is */
  constructor(schema: string) {
    this.table = keysTable(schema);
  }

  /** Waits until no other transaction works on this key, at most `lock_timeout`. Held to the end of the transaction. */
  lock(client: InTransaction, { scope, key }: IdempotencyKey) {
    return client.query({
      name: 'idempotency-lock',
      text: `SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))`,
      values: [scope, key],
    });
  }

  /** What was answered to this key before, if anything. */
  async find(client: InTransaction, { scope, key }: IdempotencyKey): Promise<StoredAnswer | undefined> {
    const { rows } = await client.query<KeyRow>({
      name: 'idempotency-find',
      text: `SELECT fingerprint, status, headers, body FROM ${this.table} WHERE scope = $1 AND key = $2`,
      values: [scope, key],
    });
    const row = rows[0];
    if (row === undefined) return undefined;
    const { fingerprint, status, headers, body } = row;
    return { fingerprint, answer: { status, headers, body: body === null ? undefined : JSON.parse(body) } };
  }

  /** Stores the answer. Fails with 23505 when the key is taken. */
  storing(key: IdempotencyKey, { status, headers, body }: Answer): LastStatement {
    const values = [
      escapeLiteral(key.scope),
      escapeLiteral(key.key),
      `'\\x${key.fingerprint.toString('hex')}'`,
      status,
      escapeLiteral(JSON.stringify(headers)),
      body === undefined ? 'NULL' : escapeLiteral(JSON.stringify(body)),
      `now() + '${key.isServerMade ? keptForServer : keptForClient}'`,
    ];
    return `INSERT INTO ${this.table} (scope, key, fingerprint, status, headers, body, kept_until)
            VALUES (${values.join(', ')})`;
  }

  /**
   * Counts a repetition. It is here because it writes: the commit of a write waits for a standby, so a stored answer that
   * was not yet replicated is by then. A replay that only read would vouch for a row that a failover can take away.
   */
  countingReplay({ scope, key }: IdempotencyKey): LastStatement {
    return `UPDATE ${this.table} SET replays = replays + 1
            WHERE scope = ${escapeLiteral(scope)} AND key = ${escapeLiteral(key)}`;
  }
}
