import { describe, expect, it } from '@jest/globals';
import { modeOf, rolesFit, settingOf } from './mode.mjs';

describe('modeOf', () => {
  it.each([
    // What Patroni 4.0 itself makes of each value: parse_bool() and is_quorum_commit_mode.
    ['quorum', 'quorum'],
    ['QUORUM', 'quorum'],
    [true, 'sync'],
    ['on', 'sync'],
    ['On', 'sync'],
    ['true', 'sync'],
    ['yes', 'sync'],
    [1, 'sync'],
    ['1', 'sync'],
    [false, 'async'],
    ['off', 'async'],
    ['OFF', 'async'],
    ['false', 'async'],
    ['no', 'async'],
    [0, 'async'],
    [null, 'async'],
    [undefined, 'async'],
    ['a word that Patroni does not know', 'async'],
  ])('takes synchronous_mode %j for %s', (value, mode) => {
    expect(modeOf({ synchronous_mode: value })).toBe(mode);
  });

  it('reads back what is set for each mode', () => {
    for (const [mode, value] of Object.entries(settingOf)) expect(modeOf({ synchronous_mode: value })).toBe(mode);
  });
});

describe('rolesFit', () => {
  it.each([
    ['quorum', ['quorum_standby', 'quorum_standby'], true],
    ['quorum', ['quorum_standby', 'replica'], false],
    ['sync', ['sync_standby', 'replica', 'replica'], true],
    ['sync', ['sync_standby', 'quorum_standby'], false],
    ['sync', ['replica', 'replica'], false],
    ['sync', ['sync_standby', 'sync_standby'], false],
    ['async', ['replica', 'replica'], true],
    ['async', ['sync_standby', 'replica'], false],
  ])('%s with standbys %j: %s', (mode, roles, fit) => {
    expect(rolesFit(mode, roles)).toBe(fit);
  });
});
