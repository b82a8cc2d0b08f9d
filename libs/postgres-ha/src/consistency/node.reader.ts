import type { QueryResultRow } from 'pg';
import type { ClusterClient } from '../database/cluster.client.js';
import type { ClusterPool } from '../database/cluster.pool.js';
import { withClient } from '../database/connection.checkout.js';
import { classifyFailure } from '../database/failure.table.js';
import { batchedPerTurn, inOnePacket } from '../database/pipeline.js';
import { mergePerTimeline, refuseForeign, type Claims } from './consistency.token.js';
import { LineageService } from './lineage.service.js';
import { LostWriteError } from './lost-write.error.js';
import { NodeObservations, type Observation, type Observed } from './node.observations.js';
import { askPosition, type NodePosition, type Statement } from './node.position.js';
import { judge, type Lineage, type Position, type Replayed, type Standing } from './position.js';
import { isKnownBehind, rankOf } from './read.routing.js';
import { servedBy, type Served } from './served.js';
import { canWaitForLsn, waitForLsn } from './wait.for.lsn.js';

/** What to read on one connection: a piece of work, or a single statement, which shares its packet with others. */
export type Reading<T> =
  | { readonly work: (client: ClusterClient) => Promise<T> }
  | { readonly statement: Statement; readonly of: (rows: QueryResultRow[]) => T };

/** What a node must have replayed for its answer to count, and what it is asked besides the data. */
export interface Guard {
  /** The node must hold all of these. Without any, every node will do. */
  readonly positions: readonly Position[];
  /** What the client has seen, if it sent a token. Its cluster must be the node's. */
  readonly claims: Claims | undefined;
  /** Ask for the node's position after the data, so that the client's next read shows nothing older than this one. */
  readonly learn: boolean;
  /** Ask for the node's position before the data even when `positions` is empty: a cache needs it to keep the answer. */
  readonly prove: boolean;
  /** The member that answered this request before. */
  readonly pinnedMember: string | undefined;
  /** How long a server that can wait for a position may do so before it is asked for its own (see `waitForLsn`). */
  readonly waitMs?: number | undefined;
}

/** How the node was known to hold the positions: there were none, an earlier observation showed it, or it was asked. */
export type Assurance = 'not-needed' | 'known' | 'checked';

/** The outcome of one attempt on one node. */
export type Attempt<T> =
  | {
      readonly kind: 'answered';
      readonly value: T;
      readonly served: Served;
      readonly assurance: Assurance;
      readonly systemId: bigint;
      readonly seen: Position | undefined;
      /** The data shows everything up to here; undefined when that was not asked, or when the leader answered. */
      readonly replayed: Replayed | undefined;
    }
  | {
      readonly kind: 'behind';
      /** The node can wait for a position by itself, so that nobody has to ask it again and again. */
      readonly canWait: boolean;
    };

/** A single statement, and what the node must have replayed for its rows to count. */
interface GuardedStatement {
  readonly statement: Statement;
  readonly guard: Guard;
}

type RowsAttempt = Attempt<QueryResultRow[]>;
type RunBatched = (guarded: GuardedStatement) => Promise<RowsAttempt>;

const nothingSeen = { asynchronous: false, leaderOnly: false };

/** The statements of a batch run one after the other, so more of them would make the last wait longer than it saves. */
const maxBatchStatements = 8;

/** Reads on one connection, if its node has replayed enough. */
export class NodeReader {
  private readonly observations = new NodeObservations();
  private readonly batches = new WeakMap<ClusterPool, RunBatched>();
  /** A server has refused the command with which it waits. */
  private isWaitRefused = false;

  constructor(private readonly lineage: LineageService) {}

  /**
   * The check is a statement of its own before the data, on the same connection. For a single statement both go out
   * together, and data that turns out to be too old is thrown away.
   *
   * Single statements that are asked for in the same turn of the event loop make a batch: one connection, one packet
   * (see `pipelining`), one question before them and one after, each a transaction of its own.
   *
   * @throws LostWriteError when the guard names a state that a failover has lost
   */
  async attempt<T>(pool: ClusterPool, reading: Reading<T>, guard: Guard): Promise<Attempt<T>> {
    if ('work' in reading) {
      const rank = (connection: Observed) => this.rank(connection, guard);
      return withClient(pool, (client) => this.readByWork(client, reading.work, guard), rank);
    }
    const guarded = { statement: reading.statement, guard };
    const attempt = await (guard.waitMs === undefined ? this.batchOf(pool)(guarded) : this.readWaiting(pool, guarded));
    return attempt.kind === 'answered' ? { ...attempt, value: reading.of(attempt.value) } : attempt;
  }

  private batchOf(pool: ClusterPool): RunBatched {
    let batch = this.batches.get(pool);
    if (batch === undefined) {
      batch = batchedPerTurn((statements) => this.runBatch(pool, statements), maxBatchStatements);
      this.batches.set(pool, batch);
    }
    return batch;
  }

  private runBatch(pool: ClusterPool, batch: readonly GuardedStatement[]) {
    // A node that is behind the furthest position is behind for the batch, so one comparison is enough for all.
    const positions = mergePerTimeline(batch.flatMap(({ guard }) => guard.positions));
    const pinnedMember = batch.length === 1 ? batch[0]?.guard.pinnedMember : undefined;
    const rank = (connection: Observed) => this.rank(connection, { positions, pinnedMember });
    return withClient(pool, (client) => this.readByStatements(client, batch), rank);
  }

  /** A statement that waits would hold up the others of its batch, so it goes alone. */
  private async readWaiting(pool: ClusterPool, guarded: GuardedStatement): Promise<RowsAttempt> {
    const rank = (connection: Observed) => this.rank(connection, guarded.guard);
    const read = async (client: ClusterClient) => {
      await this.wait(client, guarded.guard);
      const [attempt] = await this.readByStatements(client, [guarded]);
      if (attempt instanceof Error) throw attempt;
      return attempt as RowsAttempt;
    };
    return withClient(pool, read, rank);
  }

  private async readByWork<T>(
    client: ClusterClient,
    work: (client: ClusterClient) => Promise<T>,
    guard: Guard,
  ): Promise<Attempt<T>> {
    refuseForeign(guard.claims, client.node);
    if (guard.waitMs !== undefined) await this.wait(client, guard);
    const { known, mustCheck } = this.prepare(client, guard);
    const before = mustCheck ? await this.observe(client) : known;
    if (mustCheck && !(await this.suffices(client, guard.positions, before))) return this.behind(client);
    const value = await work(client);
    return this.answer(client, guard, mustCheck, value, before, guard.learn ? await this.observe(client) : undefined);
  }

  private readByStatements(
    client: ClusterClient,
    batch: readonly GuardedStatement[],
  ): Promise<(RowsAttempt | Error)[]> {
    return inOnePacket(client, () => {
      const prepared = batch.map(({ guard }) => this.prepare(client, guard));
      const before = prepared.some(({ mustCheck }) => mustCheck) ? this.observe(client) : undefined;
      const results = batch.map(({ statement: { name, text, values } }) =>
        client.query<QueryResultRow>({ name, text, values: [...values] }),
      );
      const after = batch.some(({ guard }) => guard.learn) ? this.observe(client) : undefined;
      const attempts = batch.map(async ({ guard }, index): Promise<RowsAttempt> => {
        const { known, mustCheck } = prepared[index] as Prepared;
        // Each read waits only for what it needs: a question that fails must not fail a read that did not ask it.
        const [observed, result, seen] = await Promise.all([
          mustCheck ? before : known,
          results[index],
          guard.learn ? after : undefined,
        ]);
        refuseForeign(guard.claims, client.node);
        if (mustCheck && !(await this.suffices(client, guard.positions, observed))) return this.behind(client);
        return this.answer(client, guard, mustCheck, result?.rows ?? [], observed, seen);
      });
      return Promise.all(attempts.map((attempt) => attempt.catch((error: unknown) => error as Error)));
    });
  }

  /** What is known of the node's position, and whether the node must be asked for it. */
  private prepare(client: ClusterClient, { positions, prove }: Guard): Prepared {
    const known = this.observations.of(client);
    const mustCheck =
      prove ||
      (positions.length > 0 &&
        (known === undefined || this.standing(positions, known, this.lineage.known) !== 'holds'));
    return { known, mustCheck };
  }

  private rank(connection: Observed, { positions, pinnedMember }: Pick<Guard, 'positions' | 'pinnedMember'>): number {
    const isPinned = connection.node.member === pinnedMember;
    const known = positions.length === 0 ? undefined : this.observations.of(connection);
    if (known === undefined) return rankOf(false, isPinned);
    const standing = this.standing(positions, known, this.lineage.known);
    return rankOf(isKnownBehind(standing, performance.now() - known.sentAtMs), isPinned);
  }

  private answer<T>(
    client: ClusterClient,
    guard: Guard,
    checked: boolean,
    value: T,
    before: Observation | undefined,
    after: NodePosition | undefined,
  ): Attempt<T> {
    // A leader may have flushed a commit that it does not show yet. Only what a standby had replayed is certainly shown.
    const replayed = client.role === 'replica' && before?.timeline === after?.timeline ? before : undefined;
    const floor = client.role === 'replica' ? (before?.lsn ?? 0n) : 0n;
    return {
      kind: 'answered',
      value,
      served: servedBy(client),
      assurance: guard.positions.length === 0 ? 'not-needed' : checked ? 'checked' : 'known',
      systemId: BigInt(client.node.systemId),
      seen: after && { timeline: after.timeline, floor, ceiling: after.ceiling, ...nothingSeen },
      replayed: guard.prove ? replayed : undefined,
    };
  }

  private behind(client: ClusterClient): Attempt<never> {
    return { kind: 'behind', canWait: !this.isWaitRefused && canWaitForLsn(client) };
  }

  /** Lets a server that can do so wait for the newest of the positions. What it answers does not matter: its position is asked next. */
  private async wait(client: ClusterClient, { positions, waitMs }: Guard): Promise<void> {
    const newest = positions.at(-1);
    if (newest === undefined || waitMs === undefined || !canWaitForLsn(client)) return;
    await client.query(waitForLsn(newest.ceiling, waitMs)).catch((error: unknown) => {
      if (classifyFailure(error).outcome !== 'surface') throw error;
      this.isWaitRefused = true;
    });
  }

  private async suffices(
    client: ClusterClient,
    positions: readonly Position[],
    observation: Observation | undefined,
  ): Promise<boolean> {
    if (observation === undefined) return false;
    let standing = this.standing(positions, observation, this.lineage.known);
    if (standing === 'unknown') {
      standing = this.standing(positions, observation, await this.lineage.upTo(observation.timeline));
    }
    if (standing === 'lost') {
      this.lineage.losses.emit('loss', observation.timeline);
      throw new LostWriteError(client.node, observation);
    }
    return standing === 'holds';
  }

  /** The worst standing of all positions, for the node has to hold each. */
  private standing(positions: readonly Position[], replayed: Observation, lineage: Lineage): Standing {
    let worst: Standing = 'holds';
    for (const position of positions) {
      const standing = judge(position, replayed, lineage);
      if (standing === 'lost') return standing;
      if (standing !== 'holds') worst = standing;
    }
    return worst;
  }

  private async observe(client: ClusterClient): Promise<NodePosition> {
    const position = await askPosition(client);
    this.observations.record(client.node, position);
    return position;
  }
}

interface Prepared {
  readonly known: Observation | undefined;
  readonly mustCheck: boolean;
}
