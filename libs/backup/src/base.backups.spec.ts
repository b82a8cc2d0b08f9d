import { describe, expect, it } from '@jest/globals';
import { chooseBackup, isOf, parseBackups, parseLineage, usable, windowOf } from './base.backups.js';
import { parseTarget } from './recovery.target.js';

const info = (name: string, minute: number, endLsn: string, parent = 'None', status = 'DONE') => `[${name}]
backup_label=None
status=${status}
end_time=2026-11-27 18:${String(minute).padStart(2, '0')}:00.000000+00:00
end_xlog=${endLsn}
timeline=2
size=1000
error=None
parent_backup_id=${parent}
`;
const first = '20261127T180000';
const second = '20261127T181000';
const third = '20261127T182000';
const backups = parseBackups(
  info(first, 1, '0/3000000') +
    info(second, 11, '0/5000000', first) +
    info(third, 21, '0/9000000', 'None', 'WAITING_FOR_WALS'),
);
const newest = new Date('2026-11-27T18:40:00Z');
const window = windowOf(backups, newest);

describe('parseBackups', () => {
  it('reads what Barman wrote', () => {
    expect(backups.map(({ name }) => name)).toEqual([first, second, third]);
    expect(backups[1]).toEqual({
      name: second,
      parent: first,
      status: 'DONE',
      endedAt: new Date('2026-11-27T18:11:00Z'),
      endLsn: '0/5000000',
      timeline: 2,
      sizeBytes: 1_000,
      error: undefined,
    });
  });

  it('reads an empty repository', () => expect(parseBackups('')).toEqual([]));
});

describe('usable', () => {
  it('leaves out a backup that is not complete, and one whose parent is not', () => {
    const orphan = parseBackups(info(second, 11, '0/5000000', first));
    expect(usable(backups).map(({ name }) => name)).toEqual([first, second]);
    expect(usable(orphan)).toEqual([]);
  });
});

describe('isOf', () => {
  const lineage = parseLineage(
    'wals/00000003.history\n1\t0/2000000\tno recovery target specified\n\n2\t0/5000000\tbefore 2026-11-27\n',
  );

  it.each([
    ['that ended before its timeline was left', 2, '0/5000000', true],
    ['that ended after its timeline was left', 2, '0/5000001', false],
    ['of the newest timeline', 3, '0/9000000', true],
    ['of a timeline that the cluster never had', 4, '0/1000000', false],
  ])('knows a backup %s', (_, timeline, endLsn, expected) => {
    const [backup] = backups;
    if (backup === undefined) throw new Error('no backup');
    expect(isOf(lineage, { ...backup, timeline, endLsn })).toBe(expected);
  });

  it('takes a repository without a history for one timeline', () =>
    expect(parseLineage('')).toEqual({ newest: 1, leftAt: new Map() }));
});

describe('chooseBackup', () => {
  it.each([
    ['latest', undefined, second],
    ['2026-11-27T18:30:00Z', undefined, second],
    ['2026-11-27T18:11:00Z', undefined, second],
    ['2026-11-27T18:10:59Z', undefined, first],
    ['775', '0/4000000', first],
    ['775', '0/5000000', second],
    ['0/10000000', '0/10000000', second],
  ])('for %s at %s takes %s', (text, lsn, name) =>
    expect(chooseBackup(backups, parseTarget(text), window, lsn).name).toBe(name),
  );

  it.each([
    ['2026-11-27T18:00:59Z', undefined],
    ['2026-11-27T18:40:01Z', undefined],
    ['0/2000000', '0/2000000'],
  ])('refuses %s, and says what can be restored', (text, lsn) =>
    expect(() => chooseBackup(backups, parseTarget(text), window, lsn)).toThrow(
      /cannot be restored, only what is between 2026-11-27T18:01:00.000Z .* and 2026-11-27T18:40:00.000Z/,
    ),
  );

  it('without a backup says how to make one', () =>
    expect(() => chooseBackup([], parseTarget('latest'), undefined, undefined)).toThrow('scripts/lab backup now'));
});
