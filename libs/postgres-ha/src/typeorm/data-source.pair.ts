import { DataSource, type EntityManager } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import type { Served } from '../consistency/served.js';
import type { ClusterClient } from '../database/cluster.client.js';
import type { PostgresHa, ReadOptions, ReadResult, WriteOptions, WriteResult } from '../postgres-ha.js';
import { dataSourceOptions } from './data-source.options.js';
import { initialize, withManager } from './entity.manager.js';

/** What the application decides about its DataSources. Connections and the schema are not among it. */
export type EntityOptions = Pick<
  PostgresDataSourceOptions,
  'entities' | 'subscribers' | 'namingStrategy' | 'schema' | 'entityPrefix' | 'entitySkipConstructor'
>;

/**
 * Two DataSources on the pools of a {@link PostgresHa}: `writer` on the leader, `reader` on the replicas. Work that is to be guarded and
 * retried goes through {@link read} and {@link write}; a query on a DataSource itself is one attempt on one connection of its pool.
 */
export class DataSourcePair {
  constructor(
    private readonly ha: PostgresHa,
    readonly writer: DataSource,
    readonly reader: DataSource,
  ) {}

  /** Connects both in the background; `ha.isReady` waits for them. Until then reads and writes wait, too. */
  start(): this {
    this.ha.lifecycle.reach('entities to write', () => initialize(this.writer));
    this.ha.lifecycle.reach('entities to read', () => initialize(this.reader));
    return this;
  }

  /** `PostgresHa.read` with an EntityManager of the connection. */
  read<T>(work: (manager: EntityManager) => Promise<T>, options?: ReadOptions): Promise<ReadResult<T>> {
    return this.ha.read(this.reading(work), options);
  }

  /** `PostgresHa.write` with an EntityManager of the transaction. */
  write<T>(
    work: (manager: EntityManager, served: Served) => Promise<T>,
    options?: WriteOptions,
  ): Promise<WriteResult<T>> {
    return this.ha.write(this.writing(work), options);
  }

  /** Work of an EntityManager as work of a connection that reads. */
  reading<T>(work: (manager: EntityManager) => Promise<T>): (client: ClusterClient) => Promise<T> {
    return (client) => withManager(this.reader, client, work);
  }

  /** Work of an EntityManager as work of a connection with an open transaction. */
  writing<T>(
    work: (manager: EntityManager, served: Served) => Promise<T>,
  ): (client: ClusterClient, served: Served) => Promise<T> {
    return (client, served) =>
      withManager(this.writer, client, (manager) => work(manager, served), { inTransaction: true });
  }
}

/** Makes and starts a {@link DataSourcePair} of the same entities on both sides. */
export function createDataSources(ha: PostgresHa, options: EntityOptions): DataSourcePair {
  const dataSource = (name: 'write' | 'read') => new DataSource({ ...dataSourceOptions(ha, name), ...options });
  return new DataSourcePair(ha, dataSource('write'), dataSource('read')).start();
}
