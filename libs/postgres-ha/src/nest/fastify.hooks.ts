import { readClaims, writeClaims, type TokenCodec } from '../consistency/consistency.token.js';
import { parseReadConsistency } from '../consistency/read-consistency.header.js';
import { servedByHeader } from '../consistency/served.js';
import type { HttpExchange } from './http.exchange.js';
import type { IdempotencyContext } from './idempotency.context.js';
import type { RequestContext } from './request.context.js';

interface FastifyRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyReply {
  readonly statusCode: number;
  status(code: number): FastifyReply;
  header(name: string, value: string): unknown;
  headers(values: Readonly<Record<string, string>>): unknown;
}

/** What is used of Fastify, so that whoever has another server need not install it. */
export interface FastifyServer {
  addHook(name: 'preHandler', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown;
  addHook(
    name: 'onSend',
    hook: (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: () => void) => void,
  ): unknown;
}

/**
 * Takes `Read-Consistency` and `Consistency-Token` from each request, and puts `Consistency-Token` and `Served-By` on its
 * answer; then records the request for its `Idempotency-Key`. Hooks of Fastify and not an interceptor of Nest: interceptors would send
 * every handler's result through RxJS.
 */
export function hookFastify(
  fastify: FastifyServer,
  context: RequestContext,
  idempotency: IdempotencyContext,
  codec: TokenCodec,
): void {
  fastify.addHook('preHandler', ({ headers }, _reply, done) => {
    const token = headers['consistency-token']?.toString();
    const consistency = parseReadConsistency(headers['read-consistency']?.toString());
    const claims = token === undefined ? undefined : readClaims(token, codec);
    context.run(consistency, claims, done);
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    const { served, answered } = context;
    if (served !== undefined) void reply.header('Served-By', servedByHeader(served));
    if (answered !== undefined && reply.statusCode < 400) {
      void reply.header('Consistency-Token', writeClaims(answered, codec));
    }
    done();
  });
  fastify.addHook('preHandler', (request, reply, done) => {
    idempotency.follow(new FastifyExchange(request, reply));
    done();
  });
}

class FastifyExchange implements HttpExchange {
  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {}

  get method() {
    return this.request.method;
  }

  get route() {
    return this.request.routeOptions.url;
  }

  get url() {
    return this.request.url;
  }

  get body() {
    return this.request.body;
  }

  get idempotencyKey() {
    return this.request.headers['idempotency-key']?.toString();
  }

  answer(status: number, headers: Readonly<Record<string, string>>): void {
    void this.reply.status(status).headers(headers);
  }
}
