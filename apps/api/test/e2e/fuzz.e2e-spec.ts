import { getDataSourceToken } from '@nestjs/typeorm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { isProblemCode, problems } from '../../src/problem-details/problem.catalogue.js';
import { useApp } from '../support/app.js';
import { operationsOf, requestsFor, type Operation } from '../support/hostile.js';
import { sendRaw, type RawResponse } from '../support/raw.http.js';
import { useScratchDatabase } from '../support/scratch.database.js';
import { fuzzSeed } from '../support/environment.js';

const database = useScratchDatabase('fuzz');
const app = useApp({ DB_NAME: database.name });

const minRequests = 2_000;
/** Of an operation that takes input, and of one that takes none but headers. */
const requestsWithInput = 130;
const requestsWithout = 30;
/** 21 to 62 s on two busy cores. */
const boundMs = 180_000;

const tables = ['products', 'customers', 'orders', 'albums', 'songs'];

/** Words that occur only in stacks, drivers and statements. Hostile input is in lower case, so an echo of it does not match. */
const leak =
  /\n\s+at |node_modules|\.[jt]s:\d|QueryFailed|SELECT |INSERT INTO|UPDATE \w+ SET|DELETE FROM|relation "|violates|constraint "|syntax error at/;

let operations: Operation[];
let token: string;

beforeAll(async () => {
  const { body } = await app().http.get('/docs-json').expect(200);
  operations = operationsOf(body as Parameters<typeof operationsOf>[0]);
  for (let number = 1; number <= 20; number += 1) {
    await post('/products', { name: `p${number}`, price: number });
    await post('/customers', { name: `c${number}`, email: `c${number}@example.com` });
    await post('/orders', { customerId: number, productId: number, quantity: 1 });
    token = await post('/albums', { title: 'a', artist: 'b', songs: [{ title: 'c', durationSeconds: 1 }] });
  }
});

async function post(path: string, input: object): Promise<string> {
  const { headers } = await app().http.post(path).send(input).expect(201);
  return String(headers['consistency-token']);
}

/** A text that changes with any row of any table that a client can see. */
async function content(): Promise<unknown> {
  const sums = tables.map(
    (table) => `(SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM ${table} t) ${table}`,
  );
  return app()
    .nest.get<DataSource>(getDataSourceToken('write'))
    .query(`SELECT ${sums.join(', ')}`);
}

function expectProblem({ status, headers, body }: RawResponse): void {
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(body) as { code: string; status: number };
  expect(isProblemCode(problem.code) && problems[problem.code].status).toBe(status);
  expect(problem.status).toBe(status);
  expect(body).not.toMatch(leak);
}

describe('Any request to any operation of the OpenAPI document', () => {
  it(
    `is answered, and never with 5xx; a refusal is a problem that reveals no internals, and has written nothing`,
    async () => {
      const seed = fuzzSeed ?? Date.now() % 2 ** 31;
      const statuses = new Map<number, number>();
      let before = await content();
      for (const operation of operations) {
        const takesInput = operation.body !== undefined || operation.parameters.length > 0;
        const property = fc.asyncProperty(requestsFor(operation, token), async (request) => {
          const response = await sendRaw(app().url, request);
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          expect(response.status).toBeLessThan(500);
          const isRefused = response.status >= 400;
          if (isRefused) expectProblem(response);
          const after = await content();
          if (isRefused || operation.method === 'GET') expect(after).toEqual(before);
          before = after;
        });
        // A failure prints the seed and the smallest request that fails: FUZZ_SEED=… repeats the run.
        await fc.assert(property, { seed, numRuns: takesInput ? requestsWithInput : requestsWithout });
      }
      const requests = [...statuses.values()].reduce((sum, count) => sum + count, 0);
      expect(requests).toBeGreaterThanOrEqual(minRequests);
      // Inputs that are all refused by validation would prove little.
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 204, 400, 404, 409, 422]));
    },
    boundMs,
  );
});
