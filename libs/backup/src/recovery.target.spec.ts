import { describe, expect, it } from '@jest/globals';
import { BackupError } from './backup.error.js';
import { parseTarget, settingOf } from './recovery.target.js';

describe('parseTarget', () => {
  it.each([
    ['latest', ''],
    ['775', "recovery_target_xid = '775'"],
    ['0/3000148', "recovery_target_lsn = '0/3000148'"],
    ['2026-11-27T18:00:00Z', "recovery_target_time = '2026-11-27 18:00:00+00'"],
    ['2026-11-27 18:00:00.123456 UTC', "recovery_target_time = '2026-11-27 18:00:00.123456+00'"],
    ['2026-11-27T18:00+01:00', "recovery_target_time = '2026-11-27 18:00+01:00'"],
    ['2026-11-27 18:00:00-0330', "recovery_target_time = '2026-11-27 18:00:00-0330'"],
    ['before_migration', "recovery_target_name = 'before_migration'"],
  ])('reads %s', (text, setting) => expect(settingOf(parseTarget(text))).toBe(setting));

  it.each([
    ['2026-11-27T18:00:00+01:00', '2026-11-27T17:00:00.000Z'],
    ['2026-11-27 18:00:00.5Z', '2026-11-27T18:00:00.500Z'],
    ['2026-11-27 18:00:00-03', '2026-11-27T21:00:00.000Z'],
    ['2026-11-27 18:00:00 utc', '2026-11-27T18:00:00.000Z'],
  ])('knows which moment %s is', (text, moment) =>
    expect(parseTarget(text)).toMatchObject({ kind: 'time', at: new Date(moment) }),
  );

  it.each([
    ['2026-11-27T18:00:00', /no zone/],
    ['2026-13-27T18:00:00Z', /no such time/],
    ['yesterday at noon', /is no target/],
    ["x'; DROP TABLE products", /is no target/],
    ['', /is no target/],
  ])('refuses %j', (text, message) => {
    expect(() => parseTarget(text)).toThrow(BackupError);
    expect(() => parseTarget(text)).toThrow(message);
  });
});
