import { describe, expect, it } from '@jest/globals';
import type { ClusterPool } from '../database/cluster.pool.js';
import type { LineageService } from './lineage.service.js';
import { NodeReader, type Guard } from './node.reader.js';

/** A pool of connections that only count: what PostgreSQL does with them is for the tests on the lab. */
class CountingPool {
  connections = 0;

  constructor(private readonly answer: (name: string) => Promise<{ rows: object[] }>) {}

  get pool(): ClusterPool {
    return this as unknown as ClusterPool;
  }

  connectTo() {
    this.connections += 1;
    return Promise.resolve({
      node: { member: 'patroni2', address: '10.0.0.2', systemId: '1', timeline: 1 },
      role: 'replica',
      connectedAtMs: 0,
      on: () => undefined,
      removeListener: () => undefined,
      release: () => undefined,
      connection: { stream: { cork: () => undefined, uncork: () => undefined } },
      query: ({ name }: { name: string }) => this.answer(name),
    });
  }
}

const reader = new NodeReader({ known: new Map() } as unknown as LineageService);
const guard: Guard = { positions: [], claims: undefined, learn: false, prove: false, pinnedMember: undefined };
const statement = (name: string) => ({ statement: { name, text: '', values: [] }, of: (rows: object[]) => rows });

describe('NodeReader', () => {
  it('sends single statements of one moment together, up to eight on one connection', async () => {
    const counting = new CountingPool(() => Promise.resolve({ rows: [] }));
    const { pool } = counting;
    const attempts = (count: number) =>
      Promise.all(Array.from({ length: count }, () => reader.attempt(pool, statement('row'), guard)));
    await attempts(8);
    expect(counting.connections).toBe(1);
    await attempts(9);
    expect(counting.connections).toBe(3);
  });

  it('answers a read that needs no position also when the position for another read cannot be read', async () => {
    const counting = new CountingPool((name) =>
      name === 'row' ? Promise.resolve({ rows: [{ id: 1 }] }) : Promise.reject(new Error('no position')),
    );
    const { pool } = counting;
    const [eventual, session] = await Promise.allSettled([
      reader.attempt(pool, statement('row'), guard),
      reader.attempt(pool, statement('row'), { ...guard, learn: true }),
    ]);
    expect(counting.connections).toBe(1);
    expect(eventual).toMatchObject({ status: 'fulfilled', value: { kind: 'answered', value: [{ id: 1 }] } });
    expect(session).toMatchObject({ status: 'rejected', reason: { message: 'no position' } });
  });

  it('fails no other read when one of a batch fails', async () => {
    const counting = new CountingPool((name) =>
      name === 'bad' ? Promise.reject(new Error('division by zero')) : Promise.resolve({ rows: [{ id: 1 }] }),
    );
    const { pool } = counting;
    const [bad, good] = await Promise.allSettled([
      reader.attempt(pool, statement('bad'), guard),
      reader.attempt(pool, statement('row'), guard),
    ]);
    expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled']);
  });
});
