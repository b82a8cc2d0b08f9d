import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '../../../cluster/src/wait.js';
import { FaultJournal } from '../faults/fault.journal.js';
import { NotHealedError } from '../faults/healing.js';
import type { Command } from './command.words.js';
import { TargetNemesis } from './target.nemesis.js';
import { targetUndoSchema } from './target.undo.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'target-nemesis-'));
  path = join(folder, 'journal.json');
});
afterEach(() => rm(folder, { recursive: true }));

/** Enough to find programs. */
const environment = { PATH: '/usr/local/bin:/usr/bin:/bin' };
const members = { leader: 'pg-a', replica: 'pg-b', replicas: 'pg-b' };
const fault = (inject: Command[], heal: Command[]) =>
  ({ description: 'x', inject, heal, timeout: 5_000, hold: 0, failoverWithin: 0, expects: {} }) as const;
/** What cannot be undone at once is tried three times within 3 s. */
const longerThanAttemptsMs = 4_000;
/** Nobody listens on this port. */
const write = { host: '127.0.0.1', port: 1, user: 'judge', database: 'shop', passwordFrom: 'JUDGE_PASSWORD' };
const open = async (database = 'shop', secrets: Readonly<Record<string, string>> = {}) => {
  const journal = await FaultJournal.openFor(targetUndoSchema, path);
  const target = { sql: { write: { ...write, database }, identity: 'x' } };
  return {
    journal,
    nemesis: new TargetNemesis(journal, target, { folder, environment: { ...environment, ...secrets } }),
  };
};
const said = () => readFile(join(folder, 'said'), 'utf8');
const signal = new AbortController().signal;

describe('A nemesis of commands', () => {
  it('has written how to heal before it breaks anything', async () => {
    const { nemesis } = await open();
    await nemesis.inject(
      'kill',
      fault([`grep -q '"fault":"kill"' journal.json && echo broken > said`], []),
      members,
      signal,
    );
    expect(await said()).toBe('broken\n');
  });

  it('heals what a run has left that died, with the names of that time and nothing but the journal', async () => {
    const died = await open();
    await died.nemesis.inject('kill', fault([['true']], ['echo "start $LEADER" >> said']), members, signal);
    await died.nemesis.inject(
      'freeze',
      fault([['true']], [['sh', '-c', 'echo thaw {replica} >> said']]),
      members,
      signal,
    );
    const next = await open();
    expect(await next.nemesis.heal('everything')).toBe(true);
    expect(await said()).toBe('thaw pg-b\nstart pg-a\n');
    expect(next.journal.broken).toEqual([]);
    expect(await next.nemesis.heal('everything')).toBe(false);
  });

  it('heals also what it could not inject to the end', async () => {
    const { nemesis } = await open();
    const half = fault([['true'], ['false'], 'echo not reached >> said'], ['echo healed >> said']);
    await expect(nemesis.inject('kill', half, members, signal)).rejects.toThrow('false ended with 1');
    await nemesis.heal('faults');
    expect(await said()).toBe('healed\n');
  });

  it('names what it could not heal, keeps it in the journal, and says what tries again', async () => {
    const { nemesis, journal } = await open();
    await nemesis.inject('kill', fault([['true']], [['false']]), members, signal);
    const error: unknown = await nemesis.heal('faults').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NotHealedError);
    expect((error as Error).message).toMatch(/fault kill \(false ended with 1\).*postgres-ha-judge chaos run/);
    expect(journal.broken).toHaveLength(1);
  });

  it.each<[string, string, RegExp]>([
    ['without the password', 'shop', /schema \(the password .* comes from JUDGE_PASSWORD, which is not set/],
    [
      'by the target file of another database',
      'orders',
      /schema \(made in shop on 127.0.0.1:1, and sql.write is orders on 127.0.0.1:1 now/,
    ],
  ])('heals what commands can %s, and leaves the schema in the journal', async (_, database, reason) => {
    const died = await open();
    await died.journal.add({ kind: 'schema', token: 'c0ffee', at: { host: '127.0.0.1', port: 1, database: 'shop' } });
    await died.nemesis.inject('kill', fault([['true']], ['echo healed >> said']), members, signal);
    const next = await open(database);
    await expect(next.nemesis.heal('everything')).rejects.toThrow(reason);
    expect(await said()).toBe('healed\n');
    expect(next.journal.broken).toEqual([expect.objectContaining({ kind: 'schema' })]);
  });

  it('waits for somebody who takes writes until it is called off', async () => {
    const { nemesis, journal } = await open('shop', { JUDGE_PASSWORD: 'only-for-the-test' });
    await nemesis.rowsWillBe('chaos-x');
    const off = new AbortController();
    let isOver = false;
    const healing = nemesis.heal('everything', off.signal).finally(() => (isOver = true));
    await pause(longerThanAttemptsMs);
    expect(isOver).toBe(false);
    off.abort(new Error('interrupted'));
    await expect(healing).rejects.toThrow(/rows \(interrupted\)/);
    expect(journal.broken).toHaveLength(1);
  }, 15_000);
});
