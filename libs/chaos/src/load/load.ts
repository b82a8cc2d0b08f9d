import type { HistoryRecorder } from '../history/history.recorder.js';
import { CreatingClient, ReadingClient, SessionClient, type HttpBehaviour, type HttpShared } from './http.client.js';
import { clientCounts } from './client.counts.js';
import { ClientQueue, type Client } from './client.queue.js';
import { Schedule, type Shares } from './schedule.js';
import { SqlReader, SqlSession, SqlWriter, selfColumns, selfIn, type SqlShared } from './sql.client.js';
import { SqlConnection } from './sql.connection.js';
import type { Workload } from './workload.js';

/** How much load a run has. */
export interface LoadOptions {
  /** Operations per second of all kinds together. */
  readonly ratePerSecond: number;
  /** Clients of all kinds together, at least two of each kind; each has at most one operation under way. */
  readonly clients: number;
  readonly behaviour: HttpBehaviour;
  /** The share of the operations that each kind of client gets; a kind without a share has no clients. @default those of the lab */
  readonly shares?: ClientShares;
  /** Where HTTP clients connect. @default the published port of the API */
  readonly apiPort?: number;
}

/** How the clients of a run reach a cluster. */
export interface Reach {
  /** The service; absent where there is none, and no client of it may have a share. */
  readonly http?: {
    readonly url: string;
    /** Where registers are made. @default `url` */
    readonly setupUrl?: string;
    /** See `HttpShared`. */
    readonly namesMembers: boolean;
  };
  readonly sql: Pick<SqlShared, 'leader' | 'replicas' | 'dialect'>;
}

/** How whoever prepares a load goes along with it. */
export interface Preparation {
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Gets the ids of the registers that are made through the service, by name, as they are made: also those of a load that can't begin. */
  readonly registers?: Map<string, number>;
}

/** The share of each kind of client, in percent. Two thirds of the operations go through the API, and a third are writes. */
export const sharesOfLab = {
  create: 8,
  session: 30,
  read: 24,
  leaderRead: 4,
  sqlWrite: 12,
  sqlReplicaRead: 16,
  sqlLeaderRead: 6,
} as const;

/** A kind of client. */
export type ClientKind = keyof typeof sharesOfLab | 'sqlSession';
/** The share of each kind of client; any positive numbers. */
export type ClientShares = Readonly<Partial<Record<ClientKind, number>>>;

/** How many registers all sessions share. They are few, so that writes often meet. */
const sharedRegisters = 4;
const counters = 8;
const tickMs = 5;
/** More operations than wait after any outage at 200 operations a second. */
const maxWaiting = 20_000;
/** Longer than any client waits for an answer. */
const drainBoundMs = 50_000;
/** Bounds each request that makes a register, and all statements that make shared rows. */
const setupTimeoutMs = 30_000;

/** Clients of all kinds, on a schedule that no server slows down. Every operation is recorded in the history. */
export class Load implements Workload {
  private ticker: NodeJS.Timeout | undefined;

  private constructor(
    private readonly queues: ReadonlyMap<ClientKind, ClientQueue>,
    private readonly nowMs: () => number,
    private readonly schedule: Schedule<ClientKind>,
  ) {}

  /**
   * Creates the shared rows and the clients, and connects those of SQL. The schedule starts with {@link start}.
   *
   * @param prefix every key and name of the run begins with it
   * @throws RangeError when there are too few clients
   * @throws Error when the cluster cannot be written to within bounds, or the reason of the signal: nothing goes on then
   */
  static async prepare(
    reach: Reach,
    options: LoadOptions,
    recorder: HistoryRecorder,
    nowMs: () => number,
    prefix: string,
    { signal, registers = new Map() }: Preparation = {},
  ): Promise<Load> {
    const shares: ClientShares = options.shares ?? sharesOfLab;
    const counts = clientCounts(options.clients, shares as Shares<ClientKind>);
    const count = (kind: ClientKind) => counts.get(kind) ?? 0;
    let value = 0;
    const nextValue = () => (value += 1);
    const namesOf = (kind: 'session' | 'sqlSession', word = '') => ({
      shared: Array.from({ length: sharedRegisters }, (_, index) => `${prefix}${word}-shared-${index}`),
      own: Array.from({ length: count(kind) }, (_, index) => `${prefix}${word}-own-${index}`),
    });
    const names = namesOf('session');
    const sqlNames = namesOf('sqlSession', '-sql');
    const url = reach.http?.url ?? '';
    if (reach.http !== undefined)
      await createRegisters(
        reach.http.setupUrl ?? url,
        [...names.shared, ...names.own],
        recorder,
        nextValue,
        registers,
      );
    const http: HttpShared = {
      url,
      namesMembers: reach.http?.namesMembers ?? false,
      recorder,
      behaviour: options.behaviour,
      prefix,
      registers,
      nextValue,
    };
    const sql: SqlShared = {
      ...reach.sql,
      recorder,
      prefix,
      counters: Array.from({ length: counters }, (_, index) => `${prefix}-counter-${index}`),
      nextValue,
    };
    await createSharedRows(sql, shares.sqlSession === undefined ? [] : [...sqlNames.shared, ...sqlNames.own], signal);

    const makers: Readonly<Record<ClientKind, (session: string, index: number) => Client>> = {
      create: (session) => new CreatingClient(session, http),
      session: (session, index) => new SessionClient(session, http, names.own[index] ?? '', names.shared),
      read: (session) => new ReadingClient(session, http, 'eventual'),
      leaderRead: (session) => new ReadingClient(session, http, 'leader'),
      sqlWrite: (session) => new SqlWriter(session, sql),
      sqlReplicaRead: (session) => new SqlReader(session, sql, 'replica'),
      sqlLeaderRead: (session) => new SqlReader(session, sql, 'leader'),
      sqlSession: (session, index) => new SqlSession(session, sql, sqlNames.own[index] ?? '', sqlNames.shared),
    };
    const queueOf = (kind: ClientKind): ClientQueue => {
      const channel = kind.startsWith('sql') ? 'sql' : 'http';
      const action = kind.toLowerCase().endsWith('read') ? 'read' : 'write';
      const clients = Array.from({ length: count(kind) }, (_, index) => makers[kind](`${kind}${index}`, index));
      return new ClientQueue({ kind, channel, action, maxWaiting }, clients, recorder);
    };
    const queues = new Map((Object.keys(shares) as ClientKind[]).map((kind) => [kind, queueOf(kind)]));
    await openAll([...queues.values()], signal);
    return new Load(queues, nowMs, new Schedule(options.ratePerSecond, shares as Shares<ClientKind>));
  }

  /** How many operations wait for a client, of all kinds together. */
  get backlog(): number {
    return [...this.queues.values()].reduce((sum, { backlog }) => sum + backlog, 0);
  }

  start(): void {
    const startMs = this.nowMs();
    this.ticker = setInterval(() => {
      for (const { kind, dueMs } of this.schedule.due(this.nowMs() - startMs))
        this.queues.get(kind)?.offer(startMs + dueMs);
    }, tickMs);
  }

  /** Ends the schedule, sends the operations that wait and awaits their ends within a bound (0 when aborted), then disconnects. */
  async stop({ aborted }: AbortSignal): Promise<void> {
    clearInterval(this.ticker);
    const queues = [...this.queues.values()];
    await Promise.all(queues.map((queue) => queue.drain(aborted ? 0 : drainBoundMs)));
    await Promise.all(queues.map((queue) => queue.close()));
  }
}

/**
 * Creates the registers. Their first values are writes in the history like any other.
 *
 * The first is made before all others: rows of the run are looked for from the lowest id that is known on, also those whose answer got lost.
 * Nothing but its bound cuts a request off, for it might then be carried out after such rows were deleted.
 *
 * @param made gets each as soon as it is made
 * @throws Error when no request is under way any more
 */
async function createRegisters(
  url: string,
  names: readonly string[],
  recorder: HistoryRecorder,
  nextValue: () => number,
  made: Map<string, number>,
): Promise<void> {
  const create = async (name: string): Promise<void> => {
    const value = nextValue();
    const write = { session: 'setup', channel: 'http', action: 'write', row: 'register', key: name, value } as const;
    const pending = recorder.begin(write);
    const response = await fetch(`${url}/products`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': name },
      body: JSON.stringify({ name, price: value }),
      signal: AbortSignal.timeout(setupTimeoutMs),
    });
    if (!response.ok) throw new Error(`creating ${name}: ${response.status} ${await response.text()}`);
    const { id } = (await response.json()) as { id: number };
    made.set(name, id);
    pending.end({ outcome: 'ok', httpStatus: response.status });
  };
  const [first, ...others] = names;
  if (first !== undefined) await create(first);
  await allSettled(others.map(create));
}

/** Creates counters and registers on a connection of its own, which is cut where that takes too long or the signal aborts. */
async function createSharedRows(sql: SqlShared, registers: readonly string[], signal?: AbortSignal): Promise<void> {
  const connection = new SqlConnection(sql.leader);
  const cut = () => connection.destroy();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    cut();
  }, setupTimeoutMs);
  signal?.addEventListener('abort', cut);
  try {
    await connection.open();
    // A connection that was still being opened could not be cut.
    signal?.throwIfAborted();
    await insertSharedRows(connection, sql, registers);
  } catch (cause) {
    signal?.throwIfAborted();
    if (isLate) throw new Error(`not within ${setupTimeoutMs} ms: the shared rows are made`, { cause });
    throw cause;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cut);
    connection.destroy();
  }
}

/** Inserts counters, and registers whose first values are writes in the history like any other. */
async function insertSharedRows(
  connection: SqlConnection,
  { dialect, recorder, counters: names, nextValue }: SqlShared,
  registers: readonly string[],
): Promise<void> {
  const insert = `INSERT INTO ${dialect.sharedTable} (key, value) SELECT * FROM unnest($1::text[], $2::bigint[])`;
  await connection.query(insert, [names, names.map(() => 0)]);
  if (registers.length === 0) return;
  const values = registers.map(nextValue);
  const pending = registers.map((key, index) =>
    recorder.begin({
      session: 'setup',
      channel: 'sql',
      action: 'write',
      row: 'register',
      key,
      value: values[index] ?? 0,
    }),
  );
  const { rows } = await connection.query(`${insert} RETURNING ${[...selfColumns(dialect), 'key'].join(', ')}`, [
    registers,
    values,
  ]);
  for (const write of pending) write.end({ outcome: 'ok', role: 'leader', ...selfIn(rows[0]) });
}

/** Connects the clients; where one can't be, closes those that are. */
async function openAll(queues: readonly ClientQueue[], signal?: AbortSignal): Promise<void> {
  try {
    await allSettled(queues.map((queue) => queue.open(signal)));
  } catch (error) {
    await Promise.all(queues.map((queue) => queue.close()));
    throw error;
  }
}

/** Resolves when all promises have. @throws the first error, when nothing goes on any more */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}
