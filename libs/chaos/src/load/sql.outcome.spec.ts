import { describe, expect, it } from '@jest/globals';
import { sqlErrorWord, sqlFailure } from './sql.outcome.js';

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
