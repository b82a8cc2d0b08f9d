import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { refuseForeign, type Claims } from '../consistency/consistency.token.js';
import type { Position } from '../consistency/position.js';
import { servedBy, type Served } from '../consistency/served.js';
import type { ClusterClient } from '../database/cluster.client.js';
import { begin, withLease, type Lease } from '../database/connection.lease.js';
import { classifyFailure, type Failure, type Phase } from '../database/failure.table.js';
import { ProblemError } from '../problem-details/problem.error.js';
import type { Answer } from './answer.js';
import { commit } from './commit.js';
import type { IdempotencyKey } from './idempotency.key.js';
import { countReplay, findAnswer, keyConstraint, lockKey, storeAnswer } from './idempotency.store.js';

/** A write: what it does, and how its answer looks. Runs as often as it takes; what it did before is rolled back. */
export interface UnitOfWork<A extends Answer> {
  readonly work: (manager: EntityManager, served: Served) => Promise<A>;
  readonly watcher?: CommitWatcher | undefined;
  readonly key: IdempotencyKey;
  readonly claims: Claims | undefined;
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

/** Another transaction has stored this key in the meantime. */
export const keyTaken = 'KEY_TAKEN';
/** The standby's confirmation was not waited for. */
export const durabilityInDoubt = 'DURABILITY_IN_DOUBT';

/** Runs a unit of work once, in a transaction on the leader. */
@Injectable()
export class WriteAttempt {
  constructor(@InjectDataSource('write') private readonly leader: DataSource) {}

  /**
   * @param looksFirst ask for a stored answer before working: the client sent the key, or an earlier attempt may have
   * committed
   * @throws AttemptError
   */
  async run<A extends Answer>(unit: UnitOfWork<A>, looksFirst: boolean): Promise<Committed<A>> {
    let phase: Phase = 'working';
    const committing = () => {
      phase = 'committing';
    };
    try {
      return await withLease(this.leader, (lease) => this.transact(lease, unit, looksFirst, committing));
    } catch (error) {
      throw error instanceof AttemptError ? error : new AttemptError(classifyFailure(error, phase), error);
    }
  }

  /** Stores the answer of a unit that failed for a reason of the client's, so that repeating it fails the same way. */
  async remember(unit: UnitOfWork<Answer>, problem: ProblemError): Promise<void> {
    const { status, code, detail, extensions } = problem;
    const work = () => Promise.resolve({ status, headers: {}, body: { code, detail, extensions } });
    await this.run({ ...unit, work, watcher: undefined }, false);
  }

  private async transact<A extends Answer>(
    lease: Lease,
    unit: UnitOfWork<A>,
    looksFirst: boolean,
    committing: () => void,
  ): Promise<Committed<A>> {
    const { client } = lease;
    refuseForeign(unit.claims, client.node);
    const served = servedBy(client);
    try {
      const stored = await this.begin(lease, unit.key, looksFirst);
      if (stored !== undefined && !stored.fingerprint.equals(unit.key.fingerprint)) {
        throw new ProblemError('idempotency_key_reused');
      }
      const answer = (stored?.answer as A | undefined) ?? (await unit.work(lease.manager, served));
      await unit.watcher?.before(answer);
      committing();
      // Sent together: when the key cannot be stored, the transaction has failed and COMMIT is not reached.
      const [keyed, committed] = await client.inOneFlight(() =>
        Promise.allSettled([
          stored === undefined ? storeAnswer(client, unit.key, answer) : countReplay(client, unit.key),
          commit(client),
        ]),
      );
      if (keyed.status === 'rejected') throw keyFailure(keyed.reason);
      if (committed.status === 'rejected') throw committed.reason;
      const { position, isDurabilityInDoubt } = committed.value;
      await unit.watcher?.after(answer, position);
      if (isDurabilityInDoubt) {
        throw new AttemptError({ code: durabilityInDoubt, fate: 'ambiguous', destroyConnection: false }, undefined);
      }
      const systemId = BigInt(client.node.systemId);
      return { answer, isReplay: stored !== undefined, served, systemId, position };
    } catch (error) {
      await rollBack(client, error);
      throw error;
    }
  }

  /** BEGIN travels with what follows it; where nothing is looked up, with the first statement of the work. */
  private async begin(lease: Lease, key: IdempotencyKey, looksFirst: boolean) {
    const { client } = lease;
    if (!looksFirst) {
      // Whatever keeps BEGIN from working keeps the next statement from it too, and is met there.
      begin(lease).catch(() => undefined);
      return undefined;
    }
    const [, , stored] = await client.inOneFlight(() =>
      Promise.all([begin(lease), lockKey(client, key).catch(inFlight), findAnswer(client, key)]),
    );
    return stored;
  }
}

const lockNotAvailable = '55P03';
const uniqueViolation = '23505';

function inFlight(error: unknown): never {
  if (classifyFailure(error).code !== lockNotAvailable) throw error;
  throw new ProblemError('idempotency_key_in_flight', { cause: error });
}

/** The server answered the INSERT with an error, so COMMIT failed behind it: certainly not committed. */
function keyFailure(error: unknown): unknown {
  const { constraint } = error as { constraint?: string };
  const { code, destroyConnection } = classifyFailure(error);
  if (code === uniqueViolation && constraint === keyConstraint) {
    return new AttemptError({ code: keyTaken, fate: 'not-committed', destroyConnection }, error);
  }
  return isAnsweredByServer(error) ? new AttemptError(classifyFailure(error, 'working'), error) : error;
}

/** An error the server sent has a severity; one of the connection has not. */
function isAnsweredByServer(error: unknown): boolean {
  return typeof (error as { severity?: unknown }).severity === 'string';
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
