import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Isolation } from '../database/pipeline.js';

/** What is stored of a call under its key. */
export interface StoredCall {
  /** Names the attempt whose transaction was committed. */
  readonly attempt: string;
  /** What the call returned; left out where only this process can ask for it. */
  readonly value?: unknown;
}

/** Code asked its transaction for something that would break the promise of exactly once, or that a unit of work cannot give. */
export class UnsupportedTransactionError extends Error {
  override readonly name = 'UnsupportedTransactionError';
}

interface Unit {
  isOver: boolean;
}

const units = new AsyncLocalStorage<Unit>();

/**
 * Refuses what would not be exactly once: a transaction beside the one of the unit of work would be committed again each time that the unit
 * runs again.
 *
 * @throws UnsupportedTransactionError inside a unit of work
 */
export function refuseInsideUnit(): void {
  if (units.getStore()?.isOver !== false) return;
  throw new UnsupportedTransactionError(
    'A transaction of its own inside a unit of work would be committed again whenever the unit runs again. ' +
      'Join the outer one (REQUIRED), or begin it before or after the unit.',
  );
}

/** TypeORM's names. PostgreSQL has no weaker isolation than READ COMMITTED. */
const isolations: Readonly<Record<string, Isolation>> = {
  'READ UNCOMMITTED': 'read committed',
  'READ COMMITTED': 'read committed',
  'REPEATABLE READ': 'repeatable read',
  SERIALIZABLE: 'serializable',
};

/**
 * The isolation that a decorator names.
 *
 * @throws UnsupportedTransactionError for one that PostgreSQL does not have
 */
export function isolationOf(level: string | undefined): Isolation | undefined {
  if (level === undefined) return undefined;
  const isolation = isolations[level.toUpperCase()];
  if (isolation === undefined) throw new UnsupportedTransactionError(`PostgreSQL has no isolation level ${level}.`);
  return isolation;
}

/**
 * Runs a call of existing code as a unit of work. `write` may run its work several times.
 *
 * The caller gets the very object that the committed run returned, also when the answer to its COMMIT was lost, for each run keeps its own.
 * Only a call that was committed by another process, under a key, comes back as JSON.
 *
 * @param isStored whether another process may ask for the result: it is then stored as JSON under the key
 */
export async function repeatable<T>(
  call: (manager: EntityManager, attempt: string) => Promise<T>,
  write: (work: (manager: EntityManager) => Promise<StoredCall>) => Promise<StoredCall>,
  { isStored }: { readonly isStored: boolean },
): Promise<T> {
  refuseInsideUnit();
  const values = new Map<string, T>();
  const unit: Unit = { isOver: false };
  try {
    const committed = await write((manager) =>
      units.run(unit, async () => {
        const attempt = randomUUID();
        const returned = await call(manager, attempt);
        values.set(attempt, returned);
        return isStored ? { attempt, value: returned } : { attempt };
      }),
    );
    return values.has(committed.attempt) ? (values.get(committed.attempt) as T) : (committed.value as T);
  } finally {
    unit.isOver = true;
  }
}
