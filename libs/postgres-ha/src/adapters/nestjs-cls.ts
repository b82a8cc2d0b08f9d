/**
 * An adapter for `@nestjs-cls/transactional`: `@Transactional()` and `TransactionHost` then run exactly-once units of work.
 *
 * @packageDocumentation
 */

import type { TransactionalAdapter } from '@nestjs-cls/transactional';
import type { EntityManager } from 'typeorm';
import { RequestContext } from '../nest/request.context.js';
import { PostgresHa } from '../postgres-ha.js';
import { ok } from '../transactions/answer.js';
import { onceKey, type OnceKey } from '../transactions/idempotency.key.js';
import { DataSourcePair } from '../typeorm/data-source.pair.js';
import { isolationOf, repeatable, type StoredCall } from './repeatable.call.js';

export { UnsupportedTransactionError } from './repeatable.call.js';

/** Options of one transaction: `txHost.withTransaction({ key }, …)`. */
export interface ExactlyOnceTransactionOptions {
  /**
   * The name of the write. A write with the same name happened before if it was committed, and its result is returned, as JSON gives it
   * back when another process did it.
   *
   * @default one made here, which protects the retries of this call only
   */
  readonly key?: string | OnceKey | undefined;
  /** What is written, if it is one thing: see `WriteOptions.resource`. */
  readonly resource?: string | undefined;
  /**
   * `READ COMMITTED`, `REPEATABLE READ` or `SERIALIZABLE`. A unit that cannot be serialized is run again.
   *
   * @default the session's
   */
  readonly isolationLevel?: string | undefined;
}

/** What is written is TypeORM's: `txHost.tx` is an EntityManager. */
type Adapter = TransactionalAdapter<PostgresHa, EntityManager, ExactlyOnceTransactionOptions>;

/**
 * In place of `TransactionalAdapterTypeOrm`. `PostgresHaModule` has to be imported in the root module.
 *
 * ```ts
 * ClsModule.forRoot({
 *   global: true,
 *   plugins: [new ClsPluginTransactional({ adapter: new PostgresHaTransactionalAdapter() })],
 * })
 * ```
 *
 * A decorated method may run several times, and all but one of its runs are rolled back. So it has no effect but through `txHost.tx`, and
 * does not change its arguments. The answer of the HTTP request carries the `Consistency-Token` of the write.
 *
 * - `Required`, `Mandatory`, `Supports`, `Never`, `NotSupported`: as without the adapter.
 * - `Nested`: a savepoint, in the isolation of the outer one.
 * - `RequiresNew` inside a transaction: refused with {@link UnsupportedTransactionError}, because it would be committed once for each run of
 *   the outer one.
 * - Outside of a transaction `txHost.tx` is the manager of the DataSource `write`: on the leader, one attempt, no promise.
 */
export class PostgresHaTransactionalAdapter implements Adapter {
  readonly connectionToken = PostgresHa;
  readonly extraProviderTokens = [DataSourcePair, RequestContext];

  readonly optionsFactory: Adapter['optionsFactory'] = (ha, providers) => {
    const [dataSources, context] = providers as [DataSourcePair, RequestContext];
    return {
      wrapWithTransaction: async ({ key, resource, isolationLevel }, method, setManager) => {
        const isolation = isolationOf(isolationLevel);
        const call = (manager: EntityManager): Promise<unknown> => {
          setManager(manager);
          return method();
        };
        const write = async (work: (manager: EntityManager) => Promise<StoredCall>): Promise<StoredCall> => {
          const { answer, systemId, position, served } = await ha.writes.run({
            work: dataSources.writing(async (manager) => ok(await work(manager))),
            key: onceKey(key),
            claims: context.claims,
            resource,
            isolation,
          });
          context.wrote(systemId, position, served);
          if (answer.status >= 400) throw ha.options.refusals.restore(answer);
          return answer.body;
        };
        return repeatable(call, write, { isStored: key !== undefined });
      },
      wrapWithNestedTransaction: (_options, method, setManager, outer) =>
        outer.transaction((manager) => {
          setManager(manager);
          return method();
        }),
      getFallbackInstance: () => dataSources.writer.manager,
    };
  };
}
