import { afterAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { fastify } from 'fastify';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { TokenCodec } from '../consistency/consistency.token.js';
import { LineageService } from '../consistency/lineage.service.js';
import type { Position } from '../consistency/position.js';
import { IdempotencyContext } from './idempotency.context.js';
import type { Middleware } from './http.middleware.js';
import { negotiate } from './negotiate.js';
import { RequestContext } from './request.context.js';

const codec = new TokenCodec([{ id: 'a', secret: 's'.repeat(32) }], 300);
const context = new RequestContext(new LineageService({ endedTimelines: () => Promise.resolve([]) }));
const idempotency = new IdempotencyContext();
const providers = new Map<unknown, unknown>([
  [TokenCodec, codec],
  [RequestContext, context],
  [IdempotencyContext, idempotency],
]);
const position: Position = { timeline: 1, floor: 1n, ceiling: 2n, asynchronous: false, leaderOnly: false };

/** What Nest's adapters say of themselves, around the server itself. */
const applicationOn = (
  type: string,
  instance: unknown,
  use: (middleware: Middleware) => unknown = () => undefined,
) => ({
  get: <T>(provider: unknown) => providers.get(provider) as T,
  getHttpAdapter: () => ({ getType: () => type, getInstance: () => instance }),
  use,
});

/** A handler's write, and the scope that its key has. */
function write(): string {
  context.wrote(7n, position, { member: 'pg1', address: '10.0.0.1', role: 'leader' });
  return idempotency.key.scope;
}

const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

const servers = {
  async fastify() {
    const server = fastify();
    negotiate(applicationOn('fastify', server));
    server.post('/orders/:id', () => write());
    closing.push(() => server.close());
    return server.listen({ port: 0, host: '127.0.0.1' });
  },
  async express() {
    const app = express();
    negotiate(applicationOn('express', app, (middleware) => app.use(middleware)));
    app.post('/orders/:id', (_request, response) => void response.send(write()));
    const server = app.listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
};

describe('negotiate', () => {
  it.each(['fastify', 'express'] as const)('lets %s speak the headers, and scopes keys by the route', async (type) => {
    const url = await servers[type]();
    const answer = await fetch(`${url}/orders/7`, { method: 'POST' });
    expect(await answer.text()).toBe('POST /orders/:id');
    expect(answer.headers.get('served-by')).toBe('pg1; leader');
    expect(codec.decode(String(answer.headers.get('consistency-token'))).position).toEqual(position);
  });
});
