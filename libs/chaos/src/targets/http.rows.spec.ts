import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deleteHttpRows, readHttpRows } from './http.rows.js';

/** Answers by path; anything else is 404. */
let answers: Record<string, { readonly status: number; readonly body?: object }> = {};
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  const { status, body } = answers[request.url ?? ''] ?? { status: 404 };
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body ?? {}));
});
let url = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => {
  server.close();
});

const item = (id: number, name: string, price = '0') => ({ id, name, price });

describe('Rows of a service', () => {
  it('are those of the run, page by page, and registers by their value', async () => {
    answers = {
      '/products?limit=100&after=6': {
        status: 200,
        body: { items: [item(7, 'run-own-0', '42'), item(8, 'other')], nextAfter: 8 },
      },
      '/products?limit=100&after=8': { status: 200, body: { items: [item(9, 'run-a'), item(10, 'run-a')] } },
    };
    expect(await readHttpRows(url, 'run-', new Map([['run-own-0', 7]]))).toEqual({
      unique: new Map([['run-a', 2]]),
      shared: new Map([['run-own-0', 42]]),
      ids: [7, 9, 10],
    });
  });

  it('are none where no register was made', async () => {
    expect(await readHttpRows(url, 'run-', new Map())).toEqual({ unique: new Map(), shared: new Map(), ids: [] });
    expect(asked).toEqual([]);
  });

  it('cannot be read where the service is down', async () => {
    answers = { '/products?limit=100&after=6': { status: 503 } };
    await expect(readHttpRows(url, 'run-', new Map([['run-own-0', 7]]))).rejects.toThrow('GET /products: 503');
  });

  it('are deleted, or gone already, or it is said that they are not', async () => {
    answers = { '/products/7': { status: 204 }, '/products/9': { status: 500 } };
    await deleteHttpRows(url, [7, 8]);
    await expect(deleteHttpRows(url, [7, 9, 10])).rejects.toThrow('DELETE /products/9: 500');
    expect(asked).not.toContain('DELETE /products/10');
  });
});
