import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { bytesBehind, created, servedByFields } from '../../../../libs/postgres-ha/src/index.js';
import { ReadFacade, type FacadeRead, WriteFacade } from '../../../../libs/postgres-ha/src/nest/index.js';
import { toProductDto, type Sighting } from './product.dto.js';
import { Product } from './product.entity.js';
import type { ProductInput } from './product.schema.js';

interface Glimpse {
  readonly lsn: string;
  readonly found: boolean;
}

/** Writes one row and shows what each kind of read sees of it right after. */
@Injectable()
export class ReadYourWritesDemo {
  constructor(
    private readonly reads: ReadFacade,
    private readonly writes: WriteFacade,
  ) {}

  async run(input: ProductInput) {
    const startedMs = performance.now();
    const {
      body: product,
      claims,
      lsn,
    } = await this.writes.run(async (manager, served) => {
      const saved = await manager.save(Product.create(input));
      return created(`/products/${saved.id}`, toProductDto(saved, served));
    });
    const commit = { lsn, elapsedMs: millisecondsSince(startedMs) };
    const look = (mode: 'eventual' | 'session' | 'strong') =>
      sighting(lsn, () => this.reads.run((manager) => glimpse(manager, product.id), { consistency: { mode }, claims }));
    return {
      product,
      commit,
      replicaRead: await look('eventual'),
      leaderRead: await look('strong'),
      tokenGuardedRead: await look('session'),
    };
  }
}

async function sighting(commitLsn: string, read: () => Promise<FacadeRead<Glimpse>>): Promise<Sighting> {
  const startedMs = performance.now();
  const { value, served } = await read();
  return {
    found: value.found,
    ...servedByFields(served),
    lsn: value.lsn,
    lagBytes: bytesBehind(commitLsn, value.lsn),
    elapsedMs: millisecondsSince(startedMs),
  };
}

/** Two statements: in a single one, the position could be later than the snapshot in which the row is read. */
async function glimpse(manager: EntityManager, id: number): Promise<Glimpse> {
  const [position] = await manager.query<{ lsn: string }[]>(
    'SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END AS lsn',
  );
  return { lsn: position?.lsn ?? '0/0', found: await manager.existsBy(Product, { id }) };
}

/** Rounded to the microsecond; the clock is less precise than that. */
function millisecondsSince(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 1_000) / 1_000;
}
