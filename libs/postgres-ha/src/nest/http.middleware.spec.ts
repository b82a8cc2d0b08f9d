import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TokenCodec } from '../consistency/consistency.token.js';
import { LineageService } from '../consistency/lineage.service.js';
import type { Position } from '../consistency/position.js';
import { PostgresHaError } from '../errors/postgres-ha.error.js';
import { httpMiddleware } from './http.middleware.js';
import { IdempotencyContext } from './idempotency.context.js';
import { RequestContext } from './request.context.js';

const codec = new TokenCodec([{ id: 'a', secret: 's'.repeat(32) }], 300);
const context = new RequestContext(new LineageService({ endedTimelines: () => Promise.resolve([]) }));
const idempotency = new IdempotencyContext();
const position: Position = { timeline: 1, floor: 1n, ceiling: 2n, asynchronous: false, leaderOnly: false };
const served = { member: 'pg1', address: '10.0.0.1', role: 'leader' as const };

/** What a handler does, some time after its request has come. */
type Handler = (response: ServerResponse) => void;

describe('httpMiddleware', () => {
  let server: Server;
  let url: string;
  let handler: Handler;
  const middleware = httpMiddleware(context, idempotency, codec);

  beforeAll(async () => {
    server = createServer((request: IncomingMessage, response: ServerResponse) => {
      middleware(request, response, (error) => {
        if (error !== undefined) response.writeHead((error as PostgresHaError).status).end();
        else setTimeout(() => handler(response), 1);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders/7`;
  });
  afterAll(() => {
    server.close();
  });

  it('gives the handler what the headers ask for, and the answer the token and the node', async () => {
    let asked: unknown;
    handler = (response) => {
      asked = [context.consistency, context.claims?.systemId];
      context.wrote(7n, position, served);
      response.end();
    };
    const headers = { 'Read-Consistency': 'strong', 'Consistency-Token': codec.encode(7n, position) };
    const answer = await fetch(url, { headers });
    expect(asked).toEqual([{ mode: 'strong' }, 7n]);
    expect(answer.headers.get('served-by')).toBe('pg1; leader');
    expect(codec.decode(String(answer.headers.get('consistency-token'))).position).toEqual(position);
  });

  it.each([
    ['set before', (response: ServerResponse) => Object.assign(response, { statusCode: 409 }).end()],
    ['given with the head', (response: ServerResponse) => response.writeHead(409).end()],
  ])('puts no token on an answer of an error, whose status is %s', async (_title, answer) => {
    handler = (response) => {
      context.wrote(7n, position, served);
      answer(response);
    };
    const { status, headers } = await fetch(url);
    expect([status, headers.get('consistency-token'), headers.get('served-by')]).toEqual([409, null, 'pg1; leader']);
  });

  it('refuses headers that cannot be read, before the handler', async () => {
    handler = (response) => response.end();
    const { status } = await fetch(url, { headers: { 'Consistency-Token': 'nonsense' } });
    expect(status).toBe(400);
  });

  it('names a write by its method, path and key, and puts its stored answer on the response', async () => {
    let key: unknown;
    handler = (response) => {
      const { scope, key: name, isServerMade } = idempotency.key;
      key = { scope, name, isServerMade };
      idempotency.answer({ status: 201, headers: { Location: '/orders/7' }, body: undefined }, true);
      response.end();
    };
    const { status, headers } = await fetch(url, { method: 'PUT', headers: { 'Idempotency-Key': '"k"' } });
    expect(key).toEqual({ scope: 'PUT /orders/7', name: 'k', isServerMade: false });
    expect([status, headers.get('location'), headers.get('idempotent-replayed')]).toEqual([201, '/orders/7', 'true']);
  });
});

/** What a client sends, as `fetch` takes it. */
const post = (body: unknown, key: string): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
  body: JSON.stringify(body),
});

describe.each(['before', 'behind'])('httpMiddleware on Express, %s its JSON parser', (place) => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    const orders = express.Router();
    // What a write of the library does with its key and its answer, without the database under it.
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 handles what they reject with.
    orders.post('/:id/notes', async (request, response) => {
      await sleep(1);
      const { scope, key, fingerprint } = idempotency.key;
      const isReplay = stored.get(key) === fingerprint.toString('hex');
      if (stored.has(key) && !isReplay) throw new PostgresHaError('idempotency_key_reused');
      stored.set(key, fingerprint.toString('hex'));
      context.wrote(7n, position, served);
      idempotency.answer({ status: 201, headers: { Location: '/shop/orders/7/notes/1' }, body: undefined }, isReplay);
      response.json({ scope, resource: idempotency.resource, body: request.body as unknown });
    });
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers
    orders.get('/:id', async (_request, response) => {
      await sleep(1);
      context.read(context.claims, { ...served, role: 'replica' });
      response.json({ mode: context.consistency.mode, systemId: String(context.claims?.systemId) });
    });
    const stored = new Map<string, string>();
    const app = express();
    app.set('env', 'test');
    if (place === 'behind') app.use(express.json());
    app.use(httpMiddleware(context, idempotency, codec));
    if (place === 'before') app.use(express.json());
    app.use('/shop/orders', orders);
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop/orders/7`;
  });
  afterAll(() => {
    server.close();
  });

  it('scopes the key of a write by the pattern of its route, and answers its repetition as such', async () => {
    const first = await fetch(`${url}/notes`, post({ text: 'tea' }, '"a"'));
    const again = await fetch(`${url}/notes`, post({ text: 'tea' }, '"a"'));
    expect(await first.json()).toEqual({
      scope: 'POST /shop/orders/:id/notes',
      resource: '/shop/orders/7/notes',
      body: { text: 'tea' },
    });
    expect([first, again].map(({ status, headers }) => [status, headers.get('idempotent-replayed')])).toEqual([
      [201, null],
      [201, 'true'],
    ]);
    expect(again.headers.get('location')).toBe('/shop/orders/7/notes/1');
    expect(codec.decode(String(again.headers.get('consistency-token'))).position).toEqual(position);
  });

  it('takes the body into the key: the same key with another one is another request', async () => {
    await fetch(`${url}/notes`, post({ text: 'tea' }, '"b"'));
    const { status, headers } = await fetch(`${url}/notes`, post({ text: 'milk' }, '"b"'));
    expect([status, headers.get('consistency-token')]).toEqual([422, null]);
  });

  it('gives a read the token of the write before, and its answer the node', async () => {
    const written = await fetch(`${url}/notes`, post({ text: 'tea' }, '"c"'));
    const token = String(written.headers.get('consistency-token'));
    const answer = await fetch(url, { headers: { 'Consistency-Token': token } });
    expect(await answer.json()).toEqual({ mode: 'session', systemId: '7' });
    expect(answer.headers.get('served-by')).toBe('pg1; replica');
    expect(codec.decode(String(answer.headers.get('consistency-token'))).position).toEqual(position);
  });

  it('answers headers that cannot be read with 400, by the error handling of Express', async () => {
    expect((await fetch(url, { headers: { 'Consistency-Token': 'nonsense' } })).status).toBe(400);
  });
});
