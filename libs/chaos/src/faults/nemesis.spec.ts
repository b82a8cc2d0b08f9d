import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '../../../cluster/src/lab.js';
import { FaultJournal } from './fault.journal.js';
import { NotHealedError } from './healing.js';
import { Nemesis } from './nemesis.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nemesis-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('A nemesis', () => {
  it('heals what it can, names what it could not heal, and says that the next run tries again', async () => {
    const started: string[] = [];
    const containers = {
      signal: async () => undefined,
      start: async (service: string) => {
        if (service === 'patroni1') throw new Error('no space left');
        started.push(service);
      },
    };
    const journal = await FaultJournal.open(join(folder, 'journal.json'));
    const nemesis = new Nemesis({ containers } as unknown as Lab, journal);
    await nemesis.kill('patroni1', 'patroni2');
    const error = await nemesis.heal().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NotHealedError);
    expect(String(error)).toContain(
      'could not be healed: start patroni1 (no space left). The next scripts/lab chaos run',
    );
    expect(started).toEqual(['patroni2']);
    expect(journal.broken).toEqual([{ kind: 'start', service: 'patroni1' }]);
  });

  it('writes a report to the journal before it starts it, and ends the reports of members that run', async () => {
    const journal = await FaultJournal.open(join(folder, 'journal.json'));
    const seen: unknown[] = [];
    const lab = {
      containers: {
        list: async () => [
          { service: 'patroni1', status: 'running' },
          { service: 'patroni2', status: 'exited' },
        ],
      },
      startReport: async () => seen.push(journal.broken),
      endReports: async (member: string) => seen.push(member),
    };
    const nemesis = new Nemesis(lab as unknown as Lab, journal);
    await nemesis.startReport('patroni1');
    await nemesis.startReport('patroni2');
    expect(seen[0]).toEqual([{ kind: 'endReports', service: 'patroni1' }]);
    await nemesis.heal();
    expect(seen.slice(2)).toEqual(['patroni1']);
    expect(journal.broken).toEqual([]);
  });

  it('heals the service that is named, and leaves the rest broken and in the journal', async () => {
    const started: string[] = [];
    const containers = { signal: async () => undefined, start: async (service: string) => started.push(service) };
    const journal = await FaultJournal.open(join(folder, 'journal.json'));
    const nemesis = new Nemesis({ containers } as unknown as Lab, journal);
    await nemesis.kill('etcd1', 'patroni1');
    await nemesis.healLater({ kind: 'stopFencing' });
    await nemesis.heal('etcd1');
    expect(started).toEqual(['etcd1']);
    expect(journal.broken).toEqual([{ kind: 'stopFencing' }, { kind: 'start', service: 'patroni1' }]);
  });

  it('slows containers down, with what undoes it in the journal, and lets them use all cores again', async () => {
    const journal = await FaultJournal.open(join(folder, 'journal.json'));
    const seen: unknown[] = [];
    const containers = {
      limitCpu: async (service: string, cores: number | undefined) =>
        void seen.push([service, cores, journal.broken.length]),
    };
    const nemesis = new Nemesis({ containers } as unknown as Lab, journal);
    await nemesis.slow(0.3, 'patroni1', 'patroni2');
    await nemesis.heal();
    expect(seen).toEqual([
      ['patroni1', 0.3, 2],
      ['patroni2', 0.3, 2],
      ['patroni2', undefined, 2],
      ['patroni1', undefined, 1],
    ]);
  });

  it('restores settings that another program changed, and removes those that were not set before', async () => {
    const given: unknown[] = [];
    const lab = {
      config: async () => ({ synchronous_mode: 'quorum' }),
      configure: async (change: object) => void given.push(change),
    };
    const nemesis = new Nemesis(lab as unknown as Lab, await FaultJournal.open(join(folder, 'journal.json')));
    await nemesis.restoreLater('synchronous_mode', 'pause');
    await nemesis.heal();
    expect(given).toEqual([{ synchronous_mode: 'quorum', pause: null }]);
  });
});
