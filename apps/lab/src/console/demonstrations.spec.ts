import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Lab } from '../../../../libs/cluster/src/lab.js';
import { within } from '../../../../libs/cluster/src/wait.js';
import type { Demonstration } from '../../../../libs/live/src/protocol.js';
import { demonstrate } from './demonstrations.js';

/** Less than one request may take. */
const givenUpBoundMs = 15_000;

/** A service that makes an album, deletes it, and answers nothing else. */
const asked: string[] = [];
let bound: AbortController;
const service = createServer(({ method = '', url = '' }, response) => {
  asked.push(`${method} ${url}`);
  if (method === 'POST' && url === '/albums') response.writeHead(201, { Location: '/albums/1' }).end('{}');
  else if (method === 'DELETE') response.writeHead(204).end();
  else bound.abort(new Error('given up'));
});

beforeEach(async () => {
  asked.length = 0;
  bound = new AbortController();
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
});
afterEach(async () => {
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

describe('A demonstration whose service does not answer', () => {
  it.each<[Demonstration, string]>([
    ['own-write', 'DELETE FROM products'],
    ['same-key', 'DELETE FROM products'],
    ['album-race', 'DELETE /albums/1'],
  ])('is given up when it is told to, and deletes its rows: %s', async (what, cleared) => {
    const lab = {
      settings: { LAB_SCHEME: 'http', API_PORT: (service.address() as AddressInfo).port },
      leader: async () => 'patroni1',
      psql: async (_: string, sql: string) => asked.push(sql),
    } as unknown as Lab;
    const shown = demonstrate(lab, what, bound.signal);
    await expect(within(givenUpBoundMs, 'it is given up', shown)).rejects.toThrow('given up');
    expect(asked).toContainEqual(expect.stringContaining(cleared));
  });
});
