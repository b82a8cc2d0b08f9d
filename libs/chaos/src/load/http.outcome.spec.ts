import { describe, expect, it } from '@jest/globals';
import { afterRetry, classifyAnswer, classifyError, errorWord } from './http.outcome.js';

const write = { action: 'write', row: 'unique', key: 'a' } as const;
const read = { action: 'read', row: 'register', key: 'a' } as const;
const readUnique = { ...read, row: 'unique' } as const;
const answer = (status: number, text = '', headers: Record<string, string> = {}) => ({
  status,
  text,
  headers: new Headers(headers),
});
const problem = (status: number, code: string) => answer(status, JSON.stringify({ code }));

describe('The answer to a write', () => {
  it.each([
    ['201 is a success', answer(201), 'ok'],
    ['503 without a leader wrote nothing', problem(503, 'database_unavailable'), 'failed'],
    ['503 of a full queue wrote nothing', problem(503, 'write_queue_full'), 'failed'],
    ['503 of a locked row wrote nothing', problem(503, 'row_locked'), 'failed'],
    ['503 of a busy database wrote nothing', problem(503, 'database_busy'), 'failed'],
    ['503 after COMMIT was sent proves nothing', problem(503, 'write_outcome_unknown'), 'unknown'],
    ['409 while the first request is under way proves nothing', problem(409, 'idempotency_key_in_flight'), 'unknown'],
    ['500 proves nothing', problem(500, 'internal_error'), 'unknown'],
    ["HAProxy's own 502 proves nothing", answer(502, '<html>'), 'unknown'],
  ])('%s', (_, given, outcome) => {
    expect(classifyAnswer(write, given)).toMatchObject({ outcome, httpStatus: given.status });
  });

  it('counts errors by the code of the problem, or by the status', () => {
    expect(classifyAnswer(write, problem(503, 'write_queue_full')).errorClass).toBe('write_queue_full');
    expect(classifyAnswer(write, answer(502, '<html>')).errorClass).toBe('http_502');
  });

  it('says whether it came from the store of idempotency keys', () => {
    expect(classifyAnswer(write, answer(201, '{}', { 'Idempotent-Replayed': 'true' })).replayed).toBe(true);
    expect(classifyAnswer(write, answer(201, '{}')).replayed).toBeUndefined();
  });
});

describe('The answer to a read', () => {
  it('gives the value, and who served it', () => {
    const given = answer(200, '{"name":"a","price":7}', { 'Served-By': 'patroni1; leader; fwd=behind' });
    expect(classifyAnswer(read, given)).toEqual({
      outcome: 'ok',
      value: 7,
      httpStatus: 200,
      member: 'patroni1',
      role: 'leader',
    });
  });

  it.each([undefined, '', 'patroni1', 'patroni1; ', '; leader'])('names nobody where Served-By is %p', (servedBy) => {
    const headers = servedBy === undefined ? {} : { 'Served-By': servedBy };
    expect(classifyAnswer(read, answer(200, '{"name":"a","price":7}', headers))).toEqual({
      outcome: 'ok',
      value: 7,
      httpStatus: 200,
    });
  });

  it('is ok, too, when it says that the row is not there', () => {
    expect(classifyAnswer(read, problem(404, 'product_not_found'))).toMatchObject({ outcome: 'ok', value: null });
    expect(classifyAnswer(readUnique, problem(404, 'product_not_found'))).toMatchObject({ outcome: 'ok', value: 0 });
  });

  it('counts the row as absent when another row has its id', () => {
    expect(classifyAnswer(readUnique, answer(200, '{"name":"a","price":0}')).value).toBe(1);
    expect(classifyAnswer(readUnique, answer(200, '{"name":"b","price":0}')).value).toBe(0);
    expect(classifyAnswer(read, answer(200, '{"name":"b","price":7}')).value).toBeNull();
  });

  it('is failed in all other cases', () => {
    expect(classifyAnswer(read, problem(503, 'replicas_behind')).outcome).toBe('failed');
  });
});

describe('No answer', () => {
  const refused = new TypeError('fetch failed', {
    cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
  });
  const reset = new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });

  it('proves that nothing was written only where nothing was sent', () => {
    expect(classifyError('write', refused)).toEqual({ outcome: 'failed', errorClass: 'ECONNREFUSED' });
    expect(classifyError('write', reset)).toEqual({ outcome: 'unknown', errorClass: 'ECONNRESET' });
    expect(classifyError('read', reset).outcome).toBe('failed');
  });

  it('proves nothing where the host could not be reached, perhaps on an open connection', () => {
    const lost = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' });
    expect(classifyError('write', lost).outcome).toBe('unknown');
  });

  it('has a word for a timeout', () => {
    expect(errorWord(new DOMException('too late', 'TimeoutError'))).toBe('TimeoutError');
  });
});

describe('A write that was sent again', () => {
  it.each([
    ['unknown', 'failed', 'unknown'],
    ['unknown', 'ok', 'ok'],
    ['unknown', 'unknown', 'unknown'],
    ['failed', 'failed', 'failed'],
    ['failed', 'unknown', 'unknown'],
    ['failed', 'ok', 'ok'],
  ] as const)('%s, then %s: %s', (before, now, outcome) => {
    expect(afterRetry({ outcome: before }, { outcome: now, errorClass: 'x' })).toEqual({ outcome, errorClass: 'x' });
  });
});
