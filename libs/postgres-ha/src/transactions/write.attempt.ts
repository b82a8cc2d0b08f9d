import { refuseForeign, type Claims } from '../consistency/consistency.token.js';
import type { Position } from '../consistency/position.js';
import { servedBy, type Served } from '../consistency/served.js';
import type { ClusterClient } from '../database/cluster.client.js';
import type { ClusterPool } from '../database/cluster.pool.js';
import { withClient } from '../database/connection.checkout.js';
import { classifyFailure, codeOf, LOCK_NOT_AVAILABLE, type Failure, type Phase } from '../database/failure.table.js';
import { begin, inOnePacketThisTurn, type Isolation } from '../database/pipeline.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import type { StoredRefusal } from '../options/refusals.js';
import { annotate, inSpan } from '../tracing/spans.js';
import type { Answer } from './answer.js';
import { commit } from './commit.js';
import { isSameRequest, type IdempotencyKey } from './idempotency.key.js';
import { IdempotencyStore, keyConstraint, type StoredAnswer } from './idempotency.store.js';
import { durabilityInDoubt, keyLocked, keyTaken } from './write.decision.js';

/** A write: its work, which returns the answer. It may run several times; every run but the committed one is rolled back. */
export interface UnitOfWork<A extends Answer> {
  readonly work: (client: ClusterClient, served: Served) => Promise<A>;
  readonly watcher?: CommitWatcher | undefined;
  readonly key: IdempotencyKey;
  readonly claims: Claims | undefined;
  /** Path of the written resource; undefined where the request names none. */
  readonly resource?: string | undefined;
  /** Isolation of its transaction; by default, as the session has it. */
  readonly isolation?: Isolation | undefined;
}

/**
 * Is told about each commit: before COMMIT is sent, and when it is known to have succeeded. A commit whose answer was lost has no
 * `after`. Neither method may fail, and both must be quick, because the transaction stays open meanwhile.
 */
export interface CommitWatcher {
  before(answer: Answer): Promise<void>;
  after(answer: Answer, position: Position): Promise<void>;
}

/** A unit of work that is committed. */
export interface Committed<A extends Answer> {
  readonly answer: A;
  /** The answer was stored by an earlier attempt or request. */
  readonly isReplay: boolean;
  readonly served: Served;
  readonly systemId: bigint;
  readonly position: Position;
}

/** A failed attempt with its classification. `cause` is what was thrown. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError';
  /** That of the failure, where code that knows no attempts looks for it. */
  readonly code: string;

  constructor(
    readonly failure: Failure,
    cause: unknown,
  ) {
    super(failure.code, { cause });
    this.code = failure.code;
  }
}

/** How one attempt runs. */
export interface AttemptOptions {
  /** Whether to look for a stored answer: the client sent the key, or an earlier attempt may have been committed. */
  readonly mayBeStored: boolean;
  /** How long a statement waits for a lock; by default the session's `lock_timeout`, which is short. */
  readonly lockTimeoutMs?: number | undefined;
}

/** Is called during an attempt, and may end it: what a method throws is the error of the attempt. */
export interface AttemptGuard {
  /** Called when the attempt has a connection, which may have taken long. */
  mayBegin(): void;
  /** Called right before COMMIT is sent. */
  mayCommit(): void;
}

const unguarded: AttemptGuard = { mayBegin: () => undefined, mayCommit: () => undefined };

/** Runs a unit of work once, in a transaction on the leader. */
export class WriteAttempt {
  private readonly store: IdempotencyStore;

  /** @param keysSchema see `TransactionOptions.keysSchema` */
  constructor(
    private readonly leader: ClusterPool,
    keysSchema: string,
  ) {
    this.store = new IdempotencyStore(keysSchema);
  }

  /** @throws AttemptError */
  async run<A extends Answer>(
    unit: UnitOfWork<A>,
    options: AttemptOptions,
    guard: AttemptGuard = unguarded,
  ): Promise<Committed<A>> {
    let phase: Phase = 'working';
    const guarded: AttemptGuard = {
      ...guard,
      mayCommit: () => {
        guard.mayCommit();
        phase = 'committing';
      },
    };
    try {
      return await withClient(this.leader, (client) => this.transact(client, unit, options, guarded));
    } catch (error) {
      throw error instanceof AttemptError ? error : new AttemptError(classifyFailure(error, phase), error);
    }
  }

  /** Stores the refusal of a unit under its key, so that a repeated request is refused the same way. */
  async remember(unit: UnitOfWork<Answer>, refusal: StoredRefusal): Promise<void> {
    const work = () => Promise.resolve({ ...refusal, headers: {} });
    await this.run({ ...unit, work, watcher: undefined }, { mayBeStored: false });
  }

  private async transact<A extends Answer>(
    client: ClusterClient,
    unit: UnitOfWork<A>,
    options: AttemptOptions,
    guard: AttemptGuard,
  ): Promise<Committed<A>> {
    guard.mayBegin();
    refuseForeign(unit.claims, client.node);
    const served = servedBy(client);
    annotate({ 'pgha.member': served.member });
    try {
      inOnePacketThisTurn(client);
      const [looked, worked] = await Promise.allSettled([this.begin(client, unit, options), unit.work(client, served)]);
      // When BEGIN or the lock failed, the work failed for the same reason. The first error says it.
      if (looked.status === 'rejected') throw looked.reason;
      const stored = looked.value ?? (await this.findAfter(client, unit, options, worked));
      if (stored !== undefined) await this.discardWork(client, unit.key, stored, options);
      else if (worked.status === 'rejected') throw worked.reason;
      const answer = (stored?.answer as A | undefined) ?? (worked as PromiseFulfilledResult<A>).value;
      await unit.watcher?.before(answer);
      guard.mayCommit();
      const last = stored === undefined ? this.store.storing(unit.key, answer) : this.store.countingReplay(unit.key);
      const { position, isDurabilityInDoubt } = await inSpan('commit', () => commit(client, last)).catch(keyFailure);
      await unit.watcher?.after(answer, position);
      if (isDurabilityInDoubt) {
        throw new AttemptError({ code: durabilityInDoubt, outcome: 'unknown', destroyConnection: false }, undefined);
      }
      const systemId = BigInt(client.node.systemId);
      return { answer, isReplay: stored !== undefined, served, systemId, position };
    } catch (error) {
      await rollBack(client, error);
      throw error;
    }
  }

  /**
   * What is stored under the key of a work that failed, seen with a new snapshot. In a stricter isolation than READ COMMITTED the transaction's
   * snapshot is older than its wait for the lock: the lookup does not see what the transaction that held the lock has committed, and the work
   * may have failed for nothing but that, at a row that its key has written.
   */
  private async findAfter(
    client: ClusterClient,
    { key, isolation }: Pick<UnitOfWork<Answer>, 'key' | 'isolation'>,
    { mayBeStored }: AttemptOptions,
    worked: PromiseSettledResult<unknown>,
  ): Promise<StoredAnswer | undefined> {
    const isSnapshotOlder = isolation !== undefined && isolation !== 'read committed';
    if (!mayBeStored || !isSnapshotOlder || worked.status === 'fulfilled') return undefined;
    if (classifyFailure(worked.reason).outcome !== 'surface') return undefined;
    await client.query('ROLLBACK');
    return this.store.find(client, key);
  }

  /** Rolls the work back when its key has a stored answer, and begins the transaction that counts the repetition. */
  private async discardWork(
    client: ClusterClient,
    key: IdempotencyKey,
    stored: StoredAnswer,
    { lockTimeoutMs }: AttemptOptions,
  ): Promise<void> {
    await client.query('ROLLBACK');
    if (!isSameRequest(stored.fingerprint, key.fingerprint)) throw new PostgresHaError('idempotency_key_reused');
    // When this BEGIN fails, the next statement fails for the same reason, and is awaited.
    begin(client, { lockTimeoutMs }).catch(() => undefined);
  }

  /**
   * Begins the transaction and returns what is stored under the key. The work does not wait for that: BEGIN, the lock and the lookup
   * travel with its first statement, so that a key costs no round trip. The server runs them in order, so the work has the lock.
   */
  private async begin(
    client: ClusterClient,
    { key, isolation }: Pick<UnitOfWork<Answer>, 'key' | 'isolation'>,
    { mayBeStored, lockTimeoutMs }: AttemptOptions,
  ): Promise<StoredAnswer | undefined> {
    const begun = begin(client, { lockTimeoutMs, isolation });
    if (!mayBeStored) return begun.then(() => undefined);
    const [, , stored] = await Promise.all([
      begun,
      this.store.lock(client, key).catch(inFlight),
      this.store.find(client, key),
    ]);
    return stored;
  }
}

const uniqueViolation = '23505';

function inFlight(error: unknown): never {
  if (classifyFailure(error).code !== LOCK_NOT_AVAILABLE) throw error;
  throw new AttemptError({ code: keyLocked, outcome: 'not-committed', destroyConnection: false }, error);
}

/** Recognizes that the key was stored by another transaction; COMMIT was not reached then. */
function keyFailure(error: unknown): never {
  const isKey = codeOf(error) === uniqueViolation && (error as { constraint?: string }).constraint === keyConstraint;
  if (!isKey) throw error;
  throw new AttemptError({ code: keyTaken, outcome: 'not-committed', destroyConnection: false }, error);
}

/** Ends the transaction of the connection, or marks the connection so that the pool drops it. */
async function rollBack(client: ClusterClient, error: unknown): Promise<void> {
  const failure = error instanceof AttemptError ? error.failure : classifyFailure(error);
  if (failure.destroyConnection) {
    client.markUnfit(failure.code);
    return;
  }
  await client.query('ROLLBACK').catch(() => client.markUnfit('rollback failed'));
}
