import { describe, expect, it } from '@jest/globals';
import { classifyFailure, type Phase } from '../database/failure.table.js';
import { decide, metLock, whyNotWritten } from './write.decision.js';

const failed = (code: string, phase: Phase = 'working') =>
  classifyFailure(Object.assign(new Error('failed'), { code }), phase);

describe('decide', () => {
  it.each([
    ['40001', 'retry'],
    ['40P01', 'retry'],
    ['55P03', 'retry'],
    ['25006', 'wait-for-leader'],
    ['57P01', 'wait-for-leader'],
    ['57P03', 'wait-for-leader'],
    ['08006', 'wait-for-leader'],
    ['53300', 'wait-for-leader'],
    ['ECONNREFUSED', 'wait-for-leader'],
    ['WRONG_ROLE', 'wait-for-leader'],
    ['23505', 'surface'],
    ['22003', 'surface'],
    ['53100', 'surface'],
    ['XX000', 'surface'],
    ['product_not_found', 'surface'],
  ] as const)('%s while working: %s', (code, decision) => {
    expect(decide(failed(code))).toBe(decision);
  });

  it.each([
    ['57P01', 'wait-for-leader'],
    ['ECONNRESET', 'wait-for-leader'],
    ['57014', 'retry'],
    ['40001', 'retry'],
  ] as const)('%s while committing: %s', (code, decision) => {
    expect(decide(failed(code, 'committing'))).toBe(decision);
  });

  it('KEY_LOCKED: whoever holds the lock will let it go', () => {
    expect(decide({ code: 'KEY_LOCKED', fate: 'not-committed', destroyConnection: false })).toBe('retry');
  });

  it.each(['KEY_TAKEN', 'DURABILITY_IN_DOUBT'])('%s: the stored answer is there to be looked up', (code) => {
    expect(decide({ code, fate: 'ambiguous', destroyConnection: false })).toBe('retry');
  });
});

describe('metLock', () => {
  it.each([
    ['55P03', true],
    ['KEY_LOCKED', true],
    ['LOCK_AWAITED', true],
    ['40P01', false],
    ['ACQUIRE_TIMEOUT', false],
    [undefined, false],
  ])('%s: %s', (code, expected) => expect(metLock(code)).toBe(expected));
});

describe('whyNotWritten', () => {
  it.each([
    // reasons of the attempts, whether the leader is there, code
    [['ECONNREFUSED'], false, 'database_unavailable'],
    [[], false, 'database_unavailable'],
    [['55P03', '57P01'], false, 'database_unavailable'],
    [['55P03'], true, 'row_locked'],
    [['57P01', '55P03'], true, 'row_locked'],
    [['KEY_LOCKED'], true, 'row_locked'],
    [['LOCK_AWAITED'], true, 'row_locked'],
    [['ACQUIRE_TIMEOUT'], true, 'database_busy'],
    [['55P03', 'ACQUIRE_TIMEOUT'], true, 'database_busy'],
    [['40001'], true, 'database_busy'],
    [[], true, 'database_busy'],
    [['57P01'], true, 'database_unavailable'],
  ] as const)('%p with the leader there: %s, is %s', (reasons, isLeaderThere, code) => {
    expect(whyNotWritten(reasons, isLeaderThere).code).toBe(code);
  });
});
