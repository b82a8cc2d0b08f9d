import { describe, expect, it } from '@jest/globals';
import { classifyFailure, type Phase } from '../database/failure.table.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import { answersOutcome, decide, metLock, resolutionOf, whyNotWritten } from './write.decision.js';

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
    expect(decide({ code: 'KEY_LOCKED', outcome: 'not-committed', destroyConnection: false })).toBe('retry');
  });

  it.each(['KEY_TAKEN', 'DURABILITY_IN_DOUBT'])('%s: the stored answer is there to be looked up', (code) => {
    expect(decide({ code, outcome: 'unknown', destroyConnection: false })).toBe('retry');
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

describe('answersOutcome', () => {
  const server = (code: string) => Object.assign(new Error(code), { code });

  it.each<[what: string, cause: unknown, isRefusal: boolean, expected: boolean]>([
    ['a refused password', server('28P01'), false, false],
    ['a refused login', server('28000'), false, false],
    ['no such database', server('3D000'), false, false],
    ['no right to it', server('42501'), false, false],
    ['no space left', server('53100'), false, false],
    ['an error inside the server', server('XX000'), false, false],
    ['a broken statement', server('42601'), false, false],
    ['an error of this process', new TypeError('undefined is not a function'), false, false],
    ['an error of the server side', new PostgresHaError('database_unavailable'), false, false],
    [
      'a token of another cluster, which is seen before the key is looked up',
      new PostgresHaError('consistency_token_foreign'),
      false,
      false,
    ],
    ['a refusal of the application, such as a row that is not there', new Error('not found'), true, true],
    ['the key of another request', new PostgresHaError('idempotency_key_reused'), false, true],
  ])('%s: %p, a refusal: %s, is %s', (_, cause, isRefusal, expected) =>
    expect(answersOutcome(cause, isRefusal)).toBe(expected),
  );
});

describe('resolutionOf', () => {
  it.each([
    ['replayed', 'committed'],
    ['committed', 'not committed'],
    ['refused', 'not committed'],
    ['unknown', 'not known'],
    ['unavailable', 'not known'],
  ] as const)('a unit that ended as %s: the COMMIT before was %s', (outcome, expected) =>
    expect(resolutionOf(outcome)).toBe(expected),
  );
});

describe('whyNotWritten', () => {
  it.each([
    // reasons of the attempts, whether the leader is there, whether a lock is awaited, code
    [['ECONNREFUSED'], false, false, 'database_unavailable'],
    [[], false, false, 'database_unavailable'],
    [[], false, true, 'database_unavailable'],
    [['55P03', '57P01'], false, false, 'database_unavailable'],
    [['55P03'], true, false, 'row_locked'],
    [['57P01', '55P03'], true, false, 'row_locked'],
    [['KEY_LOCKED'], true, false, 'row_locked'],
    [['LOCK_AWAITED'], true, false, 'row_locked'],
    [[], true, true, 'row_locked'],
    [['57P01'], true, true, 'row_locked'],
    [['ACQUIRE_TIMEOUT'], true, false, 'database_busy'],
    [['55P03', 'ACQUIRE_TIMEOUT'], true, false, 'database_busy'],
    [['40001'], true, false, 'database_busy'],
    [[], true, false, 'database_busy'],
    [['57P01'], true, false, 'database_unavailable'],
  ] as const)('%p, leader there: %s, lock awaited: %s, is %s', (reasons, isLeaderThere, isLockAwaited, code) => {
    const refusal = whyNotWritten(reasons, { isLeaderThere, isLockAwaited });
    expect(refusal.code).toBe(code);
    expect(refusal.detail).toMatch(/nothing was written/);
  });
});
