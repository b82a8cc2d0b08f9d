import type { TokenCodec } from '../consistency/consistency.token.js';
import { answerHeaders, askedBy, type RequestHeaders } from './consistency.headers.js';
import type { HttpExchange } from './http.exchange.js';
import type { IdempotencyContext } from './idempotency.context.js';
import type { RequestContext } from './request.context.js';

interface FastifyRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly headers: RequestHeaders;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyReply {
  readonly statusCode: number;
  status(code: number): FastifyReply;
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
 * answer; records the request for its `Idempotency-Key`. Hooks of Fastify and not an interceptor of Nest: interceptors would send
 * every handler's result through RxJS.
 */
export function hookFastify(
  fastify: FastifyServer,
  context: RequestContext,
  idempotency: IdempotencyContext,
  codec: TokenCodec,
): void {
  fastify.addHook('preHandler', (request, reply, done) => {
    const { consistency, claims } = askedBy(request.headers, codec);
    context.run(consistency, claims, () => {
      idempotency.follow(new FastifyExchange(request, reply));
      done();
    });
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    void reply.headers(answerHeaders(context, codec, reply.statusCode));
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
