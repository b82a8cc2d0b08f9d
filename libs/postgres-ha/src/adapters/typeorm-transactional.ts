/**
 * An adapter for `typeorm-transactional`: `@Transactional()`, `runInTransaction` and `dataSource.transaction` then run exactly-once units
 * of work.
 *
 * @packageDocumentation
 */

import type { EventEmitter } from 'node:events';
import type { DataSource, EntityManager } from 'typeorm';
import { addTransactionalDataSource } from 'typeorm-transactional';
import { getHookInContext, getTransactionalContext } from 'typeorm-transactional/dist/common/index.js';
import type { DataSourcePair } from '../typeorm/data-source.pair.js';
import { isolationOf, repeatable, type StoredCall } from './repeatable.call.js';

export { UnsupportedTransactionError } from './repeatable.call.js';

/** The client on whose behalf code runs now, for example the one of an HTTP request. */
export interface Session {
  /** The token that the client has sent; undefined when it has none. */
  token(): string | undefined;
  /** Gets the token with which the client's next read shows the write that was just committed. */
  wrote(token: string): void;
}

/** How {@link addExactlyOnceDataSource} registers the DataSource. */
export interface ExactlyOnceDataSourceOptions {
  /**
   * The `connectionName` of decorators.
   *
   * @default 'default'
   */
  readonly name?: string | undefined;
  /** Without one, no client learns the token of a decorated write. */
  readonly session?: Session | undefined;
}

type Work = (manager: EntityManager) => Promise<unknown>;

const noSession: Session = { token: () => undefined, wrote: () => undefined };

/**
 * In place of `addTransactionalDataSource`, after `initializeTransactionalContext({ storageDriver: StorageDriver.ASYNC_LOCAL_STORAGE })`.
 * Returns the DataSource, which is the pair's `writer`: repositories are taken from it as before.
 *
 * A decorated method may run several times, and all but one of its runs are rolled back. So it has no effect but through the repositories
 * and managers of the DataSource, and does not change its arguments. Hooks (`runOnTransactionCommit` and its like) that a run registers
 * which is rolled back are forgotten with it.
 *
 * - `REQUIRED`, `MANDATORY`, `SUPPORTS`, `NEVER`, `NOT_SUPPORTED`: as without the adapter.
 * - `REQUIRES_NEW` and `NESTED` inside a transaction: refused with {@link UnsupportedTransactionError}. This library makes both of them a
 *   second transaction, which would be committed once for each run of the outer one.
 * - A unit that cannot be serialized in its `isolationLevel` is run again.
 * - No key can be given, so a repeated request is a new write; the retries of one call are protected. For keys: `DataSourcePair.write`.
 */
export function addExactlyOnceDataSource(
  pair: DataSourcePair,
  { name = 'default', session = noSession }: ExactlyOnceDataSourceOptions = {},
): DataSource {
  const dataSource = addTransactionalDataSource({ name, dataSource: pair.writer });
  const transaction = async (...args: readonly [Work] | readonly [string, Work]): Promise<unknown> => {
    const [isolationLevel, work] = args.length === 1 ? [undefined, args[0]] : args;
    const isolation = isolationOf(isolationLevel);
    const hooks = new HooksOfRuns();
    const call = async (manager: EntityManager, attempt: string) => {
      hooks.forget();
      const returned = await work(manager);
      hooks.keep(attempt);
      return returned;
    };
    const write = async (unit: (manager: EntityManager) => Promise<StoredCall>) => {
      const { value, token } = await pair.write(unit, { token: session.token(), isolation });
      hooks.restore(value.attempt);
      session.wrote(token);
      return value;
    };
    return repeatable(call, write, { isStored: false });
  };
  return Object.assign(dataSource, { transaction: transaction as DataSource['transaction'] });
}

/**
 * The hooks that each run of a method has registered. When the answer to a COMMIT was lost, the method is run once more before it is known that
 * the earlier run was committed: the hooks of that one are called, with what it has written.
 */
class HooksOfRuns {
  /** Undefined outside of decorated code, as in `dataSource.transaction` alone: nothing can be registered there. */
  private readonly emitter: EventEmitter | undefined = getHookInContext(getTransactionalContext()) ?? undefined;
  private readonly kept = new Map<string, readonly (readonly [string | symbol, readonly Hook[]])[]>();

  /** Forgets those of the run before. */
  forget(): void {
    this.emitter?.removeAllListeners();
  }

  keep(attempt: string): void {
    const { emitter } = this;
    if (emitter === undefined) return;
    const listeners = emitter.eventNames().map((event) => [event, emitter.rawListeners(event) as Hook[]] as const);
    this.kept.set(attempt, listeners);
  }

  /** Puts those of the committed run in the place of those of the last one. */
  restore(attempt: string): void {
    this.forget();
    for (const [event, listeners] of this.kept.get(attempt) ?? []) {
      for (const listener of listeners) this.emitter?.on(event, listener);
    }
  }
}

type Hook = (...values: unknown[]) => void;
