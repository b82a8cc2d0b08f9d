import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import type { Role } from '../database/cluster.client.js';
import type { ClusterPool } from '../database/cluster.pool.js';
import { withClient } from '../database/connection.checkout.js';
import { codeOf } from '../database/failure.table.js';
import { askReadSide } from '../database/read.side.js';
import { PostgresHa } from '../postgres-ha.js';

/** The answer of a health indicator, as Terminus takes it. */
export type HealthOf<Key extends string> = Record<Key, { readonly status: 'up' | 'down' } & Record<string, unknown>>;

/**
 * Health indicators for Terminus: `health.check([() => indicators.write(), () => indicators.read()])`. Each waits for a connection and then
 * for an answer on it, for `connectTimeoutMs` each at most.
 */
@Injectable()
export class PostgresHaHealth {
  constructor(private readonly ha: PostgresHa) {}

  /** Whether the leader answers. It is asked beside the writes, so that it also answers while these fill their pool. */
  write<Key extends string = 'write'>(key: Key = 'write' as Key): Promise<HealthOf<Key>> {
    return indicate(key, () => this.ask(this.ha.pools.watch));
  }

  /** Whether a node for reads answers: a replica, or the leader while there is none. */
  read<Key extends string = 'read'>(key: Key = 'read' as Key): Promise<HealthOf<Key>> {
    return indicate(key, () => askReadSide(this.ha.pools, (pool) => this.ask(pool)));
  }

  /** Waits for the answer no longer than `connectTimeoutMs`; by itself the pool would wait for `statementTimeoutMs`. */
  private ask(pool: ClusterPool): Promise<Answering> {
    const query: pg.QueryConfig & { query_timeout: number } = {
      text: 'SELECT 1',
      query_timeout: this.ha.options.database.connectTimeoutMs,
    };
    return withClient(pool, async (client) => {
      await client.query(query);
      return { member: client.node.member, role: client.role };
    });
  }
}

/** The node that answered. */
interface Answering {
  readonly member: string;
  readonly role: Role;
}

/** Only the code of an error is shown, because messages of drivers may contain addresses and user names. */
async function indicate<Key extends string>(key: Key, ask: () => Promise<Answering>): Promise<HealthOf<Key>> {
  try {
    return healthOf(key, { status: 'up', ...(await ask()) });
  } catch (error) {
    return healthOf(key, { status: 'down', code: codeOf(error) });
  }
}

const healthOf = <Key extends string>(key: Key, health: HealthOf<Key>[Key]) => ({ [key]: health }) as HealthOf<Key>;
