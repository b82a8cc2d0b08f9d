import { Injectable } from '@nestjs/common';
import type { ClusterPool } from '../database/cluster.pool.js';
import { withClient } from '../database/connection.checkout.js';
import { codeOf } from '../database/failure.table.js';
import { PostgresHa } from '../postgres-ha.js';

/** The answer of a health indicator, as Terminus takes it. */
export type HealthOf<Key extends string> = Record<Key, { readonly status: 'up' | 'down' } & Record<string, unknown>>;

/**
 * Health indicators for Terminus: `health.check([() => indicators.write(), () => indicators.read()])`. Each takes as long as a connect
 * may take, at most.
 */
@Injectable()
export class PostgresHaHealth {
  constructor(private readonly ha: PostgresHa) {}

  /** Whether the leader answers. It is asked beside the writes, so that it also answers while these fill their pool. */
  write<Key extends string = 'write'>(key: Key = 'write' as Key): Promise<HealthOf<Key>> {
    return indicate(key, this.ha.pools.watch);
  }

  /** Whether a node for reads answers: a replica, or the leader while there is none. */
  read<Key extends string = 'read'>(key: Key = 'read' as Key): Promise<HealthOf<Key>> {
    return indicate(key, this.ha.pools.read);
  }
}

/** Only the code of an error is shown, because messages of drivers may contain addresses and user names. */
async function indicate<Key extends string>(key: Key, pool: ClusterPool): Promise<HealthOf<Key>> {
  try {
    const { member, role } = await withClient(pool, async (client) => {
      await client.query('SELECT 1');
      return { member: client.node.member, role: client.role };
    });
    return healthOf(key, { status: 'up', member, role });
  } catch (error) {
    return healthOf(key, { status: 'down', code: codeOf(error) });
  }
}

const healthOf = <Key extends string>(key: Key, health: HealthOf<Key>[Key]) => ({ [key]: health }) as HealthOf<Key>;
