import { describe, expect, it } from '@jest/globals';
import { canWaitForLsn, waitForLsn } from './wait.for.lsn.js';

describe('canWaitForLsn', () => {
  it.each([
    [17, 'replica', false],
    [18, 'replica', false],
    [19, 'replica', true],
    [20, 'replica', true],
    [19, 'leader', false],
    [0, 'replica', false],
  ] as const)('PostgreSQL %d, %s: %s', (serverMajor, role, expected) => {
    expect(canWaitForLsn({ serverMajor, role })).toBe(expected);
  });
});

describe('waitForLsn', () => {
  it.each([
    [0x16_b374_d848n, 50, "WAIT FOR LSN '16/B374D848' WITH (TIMEOUT '50ms', NO_THROW)"],
    [1n, 12.3, "WAIT FOR LSN '0/1' WITH (TIMEOUT '13ms', NO_THROW)"],
    [1n, 0, "WAIT FOR LSN '0/1' WITH (TIMEOUT '1ms', NO_THROW)"],
    [1n, -5, "WAIT FOR LSN '0/1' WITH (TIMEOUT '1ms', NO_THROW)"],
  ])('%d within %d ms: %s', (lsn, timeoutMs, statement) => {
    expect(waitForLsn(lsn, timeoutMs)).toBe(statement);
  });
});
