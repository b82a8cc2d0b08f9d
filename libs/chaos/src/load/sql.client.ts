import { z } from 'zod';
import type { HistoryRecorder } from '../history/history.recorder.js';
import type { Completion, Invocation } from '../history/operation.js';
import type { Client } from './client.queue.js';
import { SqlConnection, type SqlTarget } from './sql.connection.js';
import { commitOutcome, sqlFailure } from './sql.outcome.js';

/** A client that has waited for so long cuts its connection. */
const operationTimeoutMs = 30_000;

/** The tables that SQL clients work on, and what a server can say of itself in a statement. */
export interface SqlDialect {
  /** Has the column `key`, of which no value is excluded from being there twice. */
  readonly uniqueTable: string;
  /** Of registers and counters: `key`, of which each is there once, and `value`. */
  readonly sharedTable: string;
  /** An expression for the timeline of the node that commits. Absent: the server does not tell it. */
  readonly timelineSql?: string | undefined;
  /** An expression that names the server. Absent: each connection asks once. */
  readonly memberSql?: string | undefined;
}

/** What all SQL clients of a run share. */
export interface SqlShared {
  readonly recorder: HistoryRecorder;
  readonly leader: SqlTarget;
  /** @default the leader */
  readonly replicas?: SqlTarget | undefined;
  readonly dialect: SqlDialect;
  /** Every key of this run begins with it. */
  readonly prefix: string;
  readonly counters: readonly string[];
  /** Gives a value that no other write of the run sets. */
  readonly nextValue: () => number;
}

const selfSchema = z.object({ timeline: z.number().nullish(), member: z.string().nullish() });
const countedSchema = z.object({ value: z.coerce.number() });
const readSchema = z.object({ value: z.coerce.number(), replica: z.boolean() });

/** The columns in which a server says of itself who it is, on which timeline. In the statement of a write they are of the node that writes. */
export const selfColumns = ({ timelineSql, memberSql }: SqlDialect): string[] => [
  ...(timelineSql === undefined ? [] : [`${timelineSql} AS timeline`]),
  ...(memberSql === undefined ? [] : [`${memberSql} AS member`]),
];

/** What the server says of itself in the row of a statement. */
export function selfIn(row: unknown): Pick<Completion, 'timeline' | 'member'> {
  const { timeline, member } = selfSchema.parse(row);
  return {
    ...(typeof timeline === 'number' ? { timeline } : {}),
    ...(typeof member === 'string' ? { member } : {}),
  };
}

abstract class SqlClient implements Client {
  private operations = 0;

  constructor(
    protected readonly session: string,
    protected readonly shared: SqlShared,
    protected readonly connection: SqlConnection,
  ) {}

  open(): Promise<void> {
    return this.connection.open();
  }

  async operate(dueMs: number): Promise<void> {
    this.operations += 1;
    await this.next(this.operations, dueMs);
  }

  protected abstract next(operation: number, dueMs: number): Promise<void>;

  async close(): Promise<void> {
    this.connection.destroy();
  }

  /** A write in an explicit transaction. @param sql without RETURNING @param returned a column that it returns, too */
  protected async transaction(
    beforeCommit: () => void,
    sql: string,
    values: readonly unknown[],
    returned?: 'value',
  ): Promise<Completion> {
    // Also behind a proxy that pools transactions, where the connection knows no node.
    // RETURNING must name a column, also where the server tells nothing of itself: hence `done`.
    const columns = [...selfColumns(this.shared.dialect), ...(returned === undefined ? [] : [returned]), '1 AS done'];
    await this.connection.query('BEGIN');
    const { rows } = await this.connection.query(`${sql} RETURNING ${columns.join(', ')}`, values);
    const seen = {
      ...selfIn(rows[0]),
      ...(returned === undefined ? {} : { returned: countedSchema.parse(rows[0]).value }),
    };
    beforeCommit();
    this.connection.noticeCodes.length = 0;
    const { command } = await this.connection.query('COMMIT');
    return { ...commitOutcome(command, this.connection.noticeCodes), ...seen };
  }

  protected insert(key: string, dueMs: number): Promise<void> {
    const sql = `INSERT INTO ${this.shared.dialect.uniqueTable} (key) VALUES ($1)`;
    return this.record({ action: 'write', row: 'unique', key, dueMs }, (beforeCommit) =>
      this.transaction(beforeCommit, sql, [key]),
    );
  }

  /** Reads the value of a shared row. */
  protected read(row: 'register' | 'counter', key: string, consistency: 'replica' | 'leader', dueMs: number) {
    const sql = `SELECT value, ${this.roleColumns()} FROM ${this.shared.dialect.sharedTable} WHERE key = $1`;
    return this.record({ action: 'read', row, key, consistency, dueMs }, async () => {
      const { rows } = await this.connection.query(sql, [key]);
      return rows.length === 0 ? { outcome: 'ok', value: null } : this.shown(rows[0]);
    });
  }

  /** Reads on the leader how many rows have a key. */
  protected count(key: string, dueMs: number): Promise<void> {
    const sql = `SELECT count(*) AS value, ${this.roleColumns()} FROM ${this.shared.dialect.uniqueTable} WHERE key = $1`;
    return this.record({ action: 'read', row: 'unique', key, consistency: 'leader', dueMs }, async () => {
      const { rows } = await this.connection.query(sql, [key]);
      return this.shown(rows[0]);
    });
  }

  /** Who answers a read, and whether it is a replica. */
  private roleColumns(): string {
    const { memberSql } = this.shared.dialect;
    return `pg_is_in_recovery() AS replica${memberSql === undefined ? '' : `, ${memberSql} AS member`}`;
  }

  private shown(row: unknown): Completion {
    const { value, replica } = readSchema.parse(row);
    return { outcome: 'ok', value, role: replica ? 'replica' : 'leader', ...selfIn(row) };
  }

  protected async record(
    invocation: Omit<Invocation, 'session' | 'channel'>,
    work: (beforeCommit: () => void) => Promise<Completion>,
  ): Promise<void> {
    const pending = this.shared.recorder.begin({ session: this.session, channel: 'sql', ...invocation });
    let committing = false;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.connection.destroy();
    }, operationTimeoutMs);
    try {
      await this.connection.open();
      const { member } = this.connection;
      const completion = await work(() => (committing = true));
      pending.end({ ...(member === undefined ? {} : { member }), ...completion });
    } catch (error) {
      this.connection.destroy();
      pending.end(sqlFailure(error, { committing, timedOut }));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A client that writes in explicit transactions and never tries again, as an application without the service would. */
export class SqlWriter extends SqlClient {
  constructor(session: string, shared: SqlShared) {
    super(session, shared, new SqlConnection(shared.leader));
  }

  protected async next(operation: number, dueMs: number): Promise<void> {
    if (operation % 4 === 0) await this.add(operation, dueMs);
    else await this.insert(`${this.shared.prefix}-${this.session}-${operation}`, dueMs);
  }

  private add(operation: number, dueMs: number): Promise<void> {
    const key = this.shared.counters[(operation / 4) % this.shared.counters.length] ?? '';
    const sql = `UPDATE ${this.shared.dialect.sharedTable} SET value = value + 1 WHERE key = $1`;
    return this.record({ action: 'write', row: 'counter', key, value: 1, dueMs }, (beforeCommit) =>
      this.transaction(beforeCommit, sql, [key], 'value'),
    );
  }
}

/** A client that reads counters from any replica or from the leader. */
export class SqlReader extends SqlClient {
  constructor(
    session: string,
    shared: SqlShared,
    private readonly consistency: 'replica' | 'leader',
  ) {
    super(
      session,
      shared,
      new SqlConnection(consistency === 'leader' ? shared.leader : (shared.replicas ?? shared.leader)),
    );
  }

  protected next(operation: number, dueMs: number): Promise<void> {
    const key = this.shared.counters[operation % this.shared.counters.length] ?? '';
    return this.read('counter', key, this.consistency, dueMs);
  }
}

/** A client with a session: it writes its own register and shared ones, creates rows, and reads them where it must see them. */
export class SqlSession extends SqlClient {
  private created: string | undefined;

  constructor(
    session: string,
    shared: SqlShared,
    private readonly own: string,
    private readonly others: readonly string[],
  ) {
    super(session, shared, new SqlConnection(shared.leader));
  }

  protected async next(operation: number, dueMs: number): Promise<void> {
    const other = this.others[Math.floor(operation / 6) % this.others.length] ?? this.own;
    switch (operation % 6) {
      case 0:
        return this.set(this.own, dueMs);
      case 1:
        return this.read('register', this.own, 'leader', dueMs);
      case 2:
        return this.set(other, dueMs);
      case 3:
        return this.read('register', other, 'leader', dueMs);
      case 4:
        this.created = `${this.shared.prefix}-${this.session}-${operation}`;
        return this.insert(this.created, dueMs);
      default:
        return this.created === undefined
          ? this.read('register', this.own, 'leader', dueMs)
          : this.count(this.created, dueMs);
    }
  }

  private set(key: string, dueMs: number): Promise<void> {
    const value = this.shared.nextValue();
    const sql = `UPDATE ${this.shared.dialect.sharedTable} SET value = $2 WHERE key = $1`;
    return this.record({ action: 'write', row: 'register', key, value, dueMs }, (beforeCommit) =>
      this.transaction(beforeCommit, sql, [key, value]),
    );
  }
}
