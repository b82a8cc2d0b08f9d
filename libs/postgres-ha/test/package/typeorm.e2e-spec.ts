import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import * as transactional from 'typeorm-transactional';
import { addExactlyOnceDataSource, UnsupportedTransactionError } from '../../src/adapters/typeorm-transactional.js';
import { createPostgresHa, type PostgresHa } from '../../src/index.js';
import { createDataSources, type DataSourcePair } from '../../src/typeorm/index.js';
import { NotesOnServers } from '../support/notes.js';
import { until } from '../support/plain.servers.js';

/** Code as services have it, through each adapter, on two plain servers behind a proxy that swallows answers to COMMIT. */
const setupBoundMs = 90_000;
const readyBoundMs = 20_000;

@Entity('notes')
class Note {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column('text')
  text!: string;
}

let notes: NotesOnServers;
let ha: PostgresHa;
let pair: DataSourcePair;

beforeAll(async () => {
  notes = await NotesOnServers.start('typeorm');
  const { ports, password } = notes;
  const hosts = ports.map((port) => ({ host: '127.0.0.1', port }));
  ha = createPostgresHa({ database: { hosts, database: 'postgres', username: 'app_user', password } }).start();
  pair = createDataSources(ha, { entities: [Note] });
  await until('the pools are connected', readyBoundMs, () => Promise.resolve(ha.isReady));
}, setupBoundMs);

afterAll(async () => {
  await ha?.stop();
  await notes?.remove();
}, setupBoundMs);

beforeEach(() => notes.forget());

const refusal = new Error('refused by the code');

describe('A pair of DataSources', () => {
  it('commits a unit of work once when the answer to COMMIT is swallowed, and reads it with the token alone', async () => {
    const { value, token, isReplay } = await notes.swallowing(() =>
      pair.write(async (manager) => manager.save(Note, { text: 'by the pair' })),
    );
    expect([value.text, isReplay]).toEqual(['by the pair', true]);
    expect(await notes.written()).toEqual(['by the pair']);
    const read = await pair.read((manager) => manager.find(Note), { token });
    expect(read.value.map(({ text }) => text)).toEqual(['by the pair']);
  });

  it('reads on the replica, and on the leader while the replica does not show what the token names', async () => {
    await notes.servers.pauseReplay();
    try {
      const { token } = await pair.write((manager) => manager.save(Note, { text: 'not replayed' }));
      const guarded = await pair.read((manager) => manager.count(Note), { token });
      const eventual = await pair.read((manager) => manager.count(Note), { consistency: { mode: 'eventual' } });
      expect([guarded.value, guarded.served.role]).toEqual([1, 'leader']);
      expect([eventual.value, eventual.served.role]).toEqual([0, 'replica']);
    } finally {
      await notes.servers.resumeReplay();
    }
  });

  it('answers a repetition that waited for the first in a stricter isolation, although its snapshot is older than the first', async () => {
    const { servers } = notes;
    await servers.query(servers.primary, 'CREATE UNIQUE INDEX notes_text ON notes (text)');
    try {
      // The first holds the lock of the key for longer in each round, so that the second gets it at different moments of its own attempts.
      for (const heldMs of [20, 40, 60, 80, 120, 160]) {
        const text = `held-for-${heldMs}-ms`;
        const write = () =>
          pair.write(
            async (manager) => {
              const note = await manager.save(Note, { text });
              await sleep(heldMs);
              return note;
            },
            { key: text, isolation: 'repeatable read' },
          );
        const both = await Promise.all([write(), write()]);
        expect(both.map(({ value }) => value.text)).toEqual([text, text]);
        expect(both.map(({ isReplay }) => isReplay).toSorted()).toEqual([false, true]);
      }
    } finally {
      await servers.query(servers.primary, 'DROP INDEX notes_text');
    }
  });

  it('rolls back to a savepoint where code begins a transaction inside the unit of work', async () => {
    await pair.write(async (manager) => {
      await manager.save(Note, { text: 'outer' });
      await manager
        .transaction(async (inner) => {
          await inner.save(Note, { text: 'inner' });
          throw refusal;
        })
        .catch(() => undefined);
    });
    expect(await notes.written()).toEqual(['outer']);
  });
});

describe('@Transactional() of typeorm-transactional', () => {
  const events: string[] = [];
  const seen: string[] = [];

  class Service {
    runs = 0;

    constructor(private readonly repository = pair.writer.getRepository(Note)) {}

    @transactional.Transactional()
    async write(text: string): Promise<Note> {
      this.runs += 1;
      const { runs } = this;
      transactional.runOnTransactionCommit(() => events.push(`committed run ${runs}`));
      return this.repository.save({ text });
    }

    @transactional.Transactional()
    async writeAnd(text: string, next: () => Promise<unknown>): Promise<void> {
      await this.write(text);
      await next();
    }

    @transactional.Transactional({ propagation: transactional.Propagation.REQUIRES_NEW })
    async writeApart(text: string): Promise<void> {
      await this.repository.save({ text });
    }

    @transactional.Transactional({ isolationLevel: transactional.IsolationLevel.SERIALIZABLE })
    async writeIfNone(text: string): Promise<string> {
      if ((await this.repository.count()) === 0) await this.repository.save({ text });
      const [row] = (await this.repository.query('SHOW transaction_isolation')) as [Record<string, string>];
      return row['transaction_isolation'] ?? '';
    }
  }

  let service: Service;

  beforeAll(() => {
    transactional.initializeTransactionalContext({ storageDriver: transactional.StorageDriver.ASYNC_LOCAL_STORAGE });
    addExactlyOnceDataSource(pair, { session: { token: () => seen.at(-1), wrote: (token) => seen.push(token) } });
    service = new Service();
  });

  beforeEach(() => {
    events.splice(0);
  });

  it('commits once, returns the entity and calls its hooks once, when the answer to COMMIT is swallowed', async () => {
    const note = await notes.swallowing(() => service.write('by a repository'));
    expect(note.text).toBe('by a repository');
    expect(await notes.written()).toEqual(['by a repository']);
    await until('the hooks were called', 1_000, () => Promise.resolve(events.length > 0));
    expect(events).toEqual([`committed run ${service.runs - 1}`]);
  });

  it('calls only the hooks of the run that was committed, when an earlier one was rolled back', async () => {
    let conflicts = 1;
    await service.writeAnd('at the second try', async () => {
      if (conflicts-- > 0) throw Object.assign(new Error('could not serialize access'), { code: '40001' });
    });
    await until('the hooks were called', 1_000, () => Promise.resolve(events.length > 0));
    expect(events).toEqual([`committed run ${service.runs}`]);
    expect(await notes.written()).toEqual(['at the second try']);
  });

  it('gives the session a token that shows the write', async () => {
    await notes.servers.pauseReplay();
    try {
      await service.write('seen with the token');
      const read = await pair.read((manager) => manager.count(Note), { token: seen.at(-1) });
      expect([read.value, read.served.role]).toEqual([1, 'leader']);
    } finally {
      await notes.servers.resumeReplay();
    }
  });

  it('rolls back everything when the method throws', async () => {
    await expect(service.writeAnd('never', () => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(await notes.written()).toEqual([]);
  });

  it('runs units again that cannot be serialized: of four at once, each of which writes if there is nothing, one writes', async () => {
    const isolations = await Promise.all(['a', 'b', 'c', 'd'].map((text) => service.writeIfNone(text)));
    expect(new Set(isolations)).toEqual(new Set(['serializable']));
    expect(await notes.written()).toHaveLength(1);
  });

  it('refuses REQUIRES_NEW inside a transaction, and takes it outside of one', async () => {
    const inside = service.writeAnd('outer', () => service.writeApart('apart'));
    await expect(inside).rejects.toThrow(UnsupportedTransactionError);
    await service.writeApart('on its own');
    expect(await notes.written()).toEqual(['on its own']);
  });

  it('is the same for runInTransaction() and dataSource.transaction()', async () => {
    await notes.swallowing(() =>
      transactional.runInTransaction(() => pair.writer.manager.save(Note, { text: 'run in one' })),
    );
    await notes.swallowing(() =>
      pair.writer.transaction((manager) => manager.save(Note, { text: 'by the DataSource' })),
    );
    expect(await notes.written()).toEqual(['run in one', 'by the DataSource']);
  });
});
