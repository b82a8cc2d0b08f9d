import { expect, it } from '@jest/globals';
import { create } from '../../test/support/operations.js';
import { countErrors } from './error.counts.js';

it('counts requests by status and errors by class', () => {
  const http = { channel: 'http' } as const;
  expect(
    countErrors([
      create('a', [0, 1], { ...http, httpStatus: 201 }),
      create('b', [0, 1], { ...http, httpStatus: 503, outcome: 'failed', errorClass: 'database_unavailable' }),
      create('c', [0, 1], { ...http, outcome: 'unknown' }),
      create('d', [0, 1], { outcome: 'failed', errorClass: '25006' }),
      create('e', [0, 1], { outcome: 'failed', errorClass: '25006' }),
    ]),
  ).toEqual({
    http: { requests: 3, failed: 2, byStatus: { 201: 1, 503: 1, none: 1 } },
    byClass: { database_unavailable: 1, unclassified: 1, 25006: 2 },
  });
});
