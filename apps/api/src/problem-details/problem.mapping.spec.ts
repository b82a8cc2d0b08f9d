import { describe, expect, it } from '@jest/globals';
import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { PostgresHaError } from '../../../../libs/postgres-ha/src/index.js';
import { ProblemError, unavailable } from './problem.error.js';
import { toDocument, toProblem } from './problem.mapping.js';

describe('toProblem', () => {
  it('keeps a problem as it is', () => {
    const problem = new ProblemError('product_not_found');
    expect(toProblem(problem)).toBe(problem);
  });

  it('keeps code, status, headers and cause of an error of the data layer', () => {
    const cause = new Error('connection refused');
    const headers = { 'Retry-After': '2' };
    const error = new PostgresHaError('database_unavailable', { detail: 'Nothing was written.', headers, cause });
    expect(toProblem(error)).toMatchObject({
      code: 'database_unavailable',
      status: 503,
      detail: 'Nothing was written.',
      headers,
      cause,
    });
  });

  it('names the variables of this service where the database refuses its login', () => {
    const { detail } = toProblem(new PostgresHaError('database_access_refused', { detail: 'PostgreSQL says 28P01.' }));
    expect(detail).toMatch(/^PostgreSQL says 28P01\. .*DB_USER.*scripts\/lab up/);
  });

  it.each([
    [new BadRequestException('no JSON'), 'malformed_request', 400],
    [new NotFoundException(), 'route_not_found', 404],
    [Object.assign(new Error('too large'), { statusCode: 413 }), 'payload_too_large', 413],
    [Object.assign(new Error('too long'), { statusCode: 414 }), 'path_too_long', 414],
    [Object.assign(new Error('what'), { statusCode: 415 }), 'unsupported_media_type', 415],
    [new HttpException('teapot', 418), 'internal_error', 500],
    [new Error('secret inside'), 'internal_error', 500],
    ['not even an error', 'internal_error', 500],
  ])('%s becomes %s', (error, code, status) => {
    expect(toProblem(error)).toMatchObject({ code, status });
  });

  it('shows the client nothing of an unknown error', () => {
    const document = toDocument(toProblem(new Error('password=hunter2')), '/products', 'req-1');
    expect(JSON.stringify(document)).not.toContain('hunter2');
  });
});

describe('toDocument', () => {
  it('carries code, instance, request id and extensions', () => {
    const problem = new ProblemError('validation_failed', { extensions: { errors: [{ path: 'price' }] } });
    expect(toDocument(problem, '/products', 'req-1')).toEqual({
      type: 'urn:pg-ha-lab:problem:validation-failed',
      title: 'The request is not valid',
      status: 400,
      code: 'validation_failed',
      instance: '/products',
      requestId: 'req-1',
      errors: [{ path: 'price' }],
    });
  });
});

describe('unavailable', () => {
  it('has Retry-After', () => {
    expect(unavailable('database_unavailable', 'no leader', { retryAfterSeconds: 2 })).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '2' },
    });
  });
});
