import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { refuseForeign, type Claims } from '../consistency/consistency.token.js';
import type { Position } from '../consistency/position.js';
import { servedBy, type Served } from '../consistency/served.js';
import type { ClusterClient } from '../database/cluster.client.js';
import { withCheckout, type Checkout } from '../database/connection.checkout.js';
import { classifyFailure, codeOf, LOCK_NOT_AVAILABLE, type Failure, type Phase } from '../database/failure.table.js';
import { begin, inOnePacketThisTurn } from '../database/pipeline.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import { POSTGRES_HA_OPTIONS, type PostgresHaOptions } from '../options/postgres-ha.options.js';
import type { StoredRefusal } from '../options/refusals.js';
import type { Answer } from './answer.js';
import { commit } from './commit.js';
import { isSameRequest, type IdempotencyKey } from './idempotency.key.js';
import { IdempotencyStore, keyConstraint, type StoredAnswer } from './idempotency.store.js';
import { durabilityInDoubt, keyLocked, keyTaken } from './write.decision.js';

/** A write: what it does, and how its answer looks. Runs as often as it takes; what it did before is rolled back. */
export interface UnitOfWork<A extends Answer> {
  readonly work: (manager: EntityManager, served: Served) => Promise<A>;
  readonly watcher?: CommitWatcher | undefined;
  readonly key: IdempotencyKey;
  readonly claims: Claims | undefined;
  /** What is written, where the request names one resource: its path. */
  readonly resource?: string | undefined;
}

/**
 * Told of each commit: before it is sent, and once it is known to have happened. What is between is in doubt: a commit
 * whose answer was lost has no `after`. Neither may fail, or take long, for the transaction is held open meanwhile.
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

/** One attempt failed, and this is what it means. `cause` is what was thrown. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError';

  constructor(
    readonly failure: Failure,
    cause: unknown,
  ) {
    super(failure.code, { cause });
  }
}

/** How one attempt goes about it. */
export interface AttemptOptions {
  /** Look for a stored answer too: the client sent the key, or an earlier attempt may have committed. */
  readonly mayBeStored: boolean;
  /** How long it waits for a lock; by default, as long as the session does, which is short. */
  readonly lockTimeoutMs?: number | undefined;
}

/** Asked on the way; each throws what the attempt then fails with. */
export interface AttemptGuard {
  /** As soon as there is a connection, which may have taken long. */
  mayBegin(): void;
  /** Right before COMMIT is sent. */
  mayCommit(): void;
}

const unguarded: AttemptGuard = { mayBegin: () => undefined, mayCommit: () => undefined };

/** Runs a unit of work once, in a transaction on the leader. */
@Injectable()
export class WriteAttempt {
  private readonly store: IdempotencyStore;

  constructor(
    @InjectDataSource('write') private readonly leader: DataSource,
    @Inject(POSTGRES_HA_OPTIONS) { transactions }: PostgresHaOptions,
  ) {
    this.store = new IdempotencyStore(transactions.keysSchema);
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
      return await withCheckout(this.leader, (checkout) => this.transact(checkout, unit, options, guarded));
    } catch (error) {
      throw error instanceof AttemptError ? error : new AttemptError(classifyFailure(error, phase), error);
    }
  }

  /** Stores the refusal with which a unit failed for a reason of the client's, so that repeating it fails the same way. */
  async remember(unit: UnitOfWork<Answer>, refusal: StoredRefusal): Promise<void> {
    const work = () => Promise.resolve({ ...refusal, headers: {} });
    await this.run({ ...unit, work, watcher: undefined }, { mayBeStored: false });
  }

  private async transact<A extends Answer>(
    checkout: Checkout,
    unit: UnitOfWork<A>,
    options: AttemptOptions,
    guard: AttemptGuard,
  ): Promise<Committed<A>> {
    guard.mayBegin();
    const { client } = checkout;
    refuseForeign(unit.claims, client.node);
    const served = servedBy(client);
    try {
      inOnePacketThisTurn(client);
      const [looked, worked] = await Promise.allSettled([
        this.begin(checkout, unit.key, options),
        unit.work(checkout.manager, served),
      ]);
      // What kept BEGIN or the lock from working kept the work from it too, and is the reason of both.
      if (looked.status === 'rejected') throw looked.reason;
      const stored = looked.value;
      if (stored !== undefined) await this.discardWork(checkout, unit.key, stored, options);
      else if (worked.status === 'rejected') throw worked.reason;
      const answer = (stored?.answer as A | undefined) ?? (worked as PromiseFulfilledResult<A>).value;
      await unit.watcher?.before(answer);
      guard.mayCommit();
      const last = stored === undefined ? this.store.storing(unit.key, answer) : this.store.countingReplay(unit.key);
      const { position, isDurabilityInDoubt } = await commit(client, last).catch(keyFailure);
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

  /** There was an answer already: what the work did or met, it did in vain. */
  private async discardWork(
    checkout: Checkout,
    key: IdempotencyKey,
    stored: StoredAnswer,
    { lockTimeoutMs }: AttemptOptions,
  ): Promise<void> {
    await checkout.client.query('ROLLBACK');
    if (!isSameRequest(stored.fingerprint, key.fingerprint)) throw new PostgresHaError('idempotency_key_reused');
    // Whatever keeps BEGIN from working keeps the next statement from it too, and is met there.
    begin(checkout, lockTimeoutMs).catch(() => undefined);
  }

  /**
   * Begins, and tells what is stored under the key. Nobody waits for it before the work: all of it travels with the
   * work's first statement, so that a key costs no round trip. The server takes them in order, so the work runs under
   * the lock.
   */
  private async begin(
    checkout: Checkout,
    key: IdempotencyKey,
    { mayBeStored, lockTimeoutMs }: AttemptOptions,
  ): Promise<StoredAnswer | undefined> {
    const { client } = checkout;
    const begun = begin(checkout, lockTimeoutMs);
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

/** The server refused to store the key, so COMMIT was not reached. */
function keyFailure(error: unknown): never {
  const isKey = codeOf(error) === uniqueViolation && (error as { constraint?: string }).constraint === keyConstraint;
  if (!isKey) throw error;
  throw new AttemptError({ code: keyTaken, outcome: 'not-committed', destroyConnection: false }, error);
}

/** Leaves the connection without a transaction, or marks it so that the pool drops it. */
async function rollBack(client: ClusterClient, error: unknown): Promise<void> {
  const failure = error instanceof AttemptError ? error.failure : classifyFailure(error);
  if (failure.destroyConnection) {
    client.markUnfit(failure.code);
    return;
  }
  await client.query('ROLLBACK').catch(() => client.markUnfit('rollback failed'));
}
