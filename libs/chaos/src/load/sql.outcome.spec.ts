import { describe, expect, it } from '@jest/globals';
import { commitOutcome, sqlErrorWord, sqlFailure } from './sql.outcome.js';

const coded = (code: string) => Object.assign(new Error('x'), { code });

describe('A failed transaction', () => {
  it.each([
    ['wrote nothing before COMMIT was sent', false, 'failed'],
    ['may have been committed once COMMIT was sent', true, 'unknown'],
  ])('%s', (_, committing, outcome) => {
    expect(sqlFailure(coded('57P01'), { committing, timedOut: false })).toEqual({ outcome, errorClass: '57P01' });
  });

  it('is called a timeout where the client gave up', () => {
    expect(sqlFailure(new Error('Connection terminated'), { committing: true, timedOut: true })).toEqual({
      outcome: 'unknown',
      errorClass: 'client_timeout',
    });
  });
});

describe('A COMMIT that was answered', () => {
  const leader = { role: 'leader' };
  it.each<[string, string, string[], object]>([
    ['is done', 'COMMIT', [], { outcome: 'ok', ...leader }],
    ['is done, whatever else was noticed', 'COMMIT', ['00000'], { outcome: 'ok', ...leader }],
    ['may have been a rollback', 'ROLLBACK', [], { outcome: 'failed', errorClass: 'rolled_back' }],
    [
      'may be on this server alone: its wait was cancelled',
      'COMMIT',
      ['00000', '01000'],
      { outcome: 'unknown', errorClass: 'sync_wait_cancelled', ...leader },
    ],
    [
      'may be on this server alone: the server ended meanwhile',
      'COMMIT',
      ['57P01'],
      { outcome: 'unknown', errorClass: 'sync_wait_cancelled', ...leader },
    ],
    [
      'may have committed nothing: there was no transaction',
      'COMMIT',
      ['25P01'],
      { outcome: 'unknown', errorClass: '25P01', ...leader },
    ],
  ])('%s', (_, command, codes, outcome) => {
    expect(commitOutcome(command, codes)).toEqual(outcome);
  });
});

describe('The word for an error', () => {
  it.each([
    [coded('25006'), '25006'],
    [coded('ECONNREFUSED'), 'ECONNREFUSED'],
    [new Error('Connection terminated unexpectedly'), 'connection_terminated'],
    [new Error('Connection terminated due to connection timeout'), 'connect_timeout'],
    [new Error('timeout expired'), 'connect_timeout'],
    ['nonsense', 'unknown'],
  ])('%s', (error, word) => {
    expect(sqlErrorWord(error)).toBe(word);
  });
});
