import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TokenCodec } from '../consistency/consistency.token.js';
import { answerHeaders, askedBy } from './consistency.headers.js';
import type { HttpExchange } from './http.exchange.js';
import type { IdempotencyContext } from './idempotency.context.js';
import type { RequestContext } from './request.context.js';

/** A request of Node, and what Express adds to it. */
type Request = IncomingMessage & {
  readonly originalUrl?: string;
  readonly baseUrl?: string;
  readonly route?: { readonly path?: unknown };
  readonly body?: unknown;
};

/** A middleware in the manner of Express and Connect. */
export type Middleware = (request: Request, response: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * What `hookFastify` does, for any server that runs middlewares on Node's requests and answers. Tested on `node:http` and on Express 5,
 * before and behind its JSON parser. The key of a write is scoped by the pattern of its route where the server tells it, as Express does
 * to handlers, else by its path.
 */
export function httpMiddleware(
  context: RequestContext,
  idempotency: IdempotencyContext,
  codec: TokenCodec,
): Middleware {
  const negotiate: Middleware = (request, response, next) => {
    const { consistency, claims } = askedBy(request.headers, codec);
    context.run(consistency, claims, () => {
      idempotency.follow(new NodeExchange(request, response));
      beforeHeaders(response, () => {
        const headers = answerHeaders(context, codec, response.statusCode);
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      });
      next();
    });
  };
  return (request, response, next) => {
    try {
      negotiate(request, response, next);
    } catch (error) {
      next(error);
    }
  };
}

/** Runs `add` in the context of now, right before the head of the answer is written. */
function beforeHeaders(response: ServerResponse, add: () => void): void {
  const inThisContext = AsyncLocalStorage.bind(add);
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  response.writeHead = ((...head: unknown[]) => {
    // A status that is only given here is the one that decides.
    if (typeof head[0] === 'number') response.statusCode = head[0];
    inThisContext();
    return writeHead(...head);
  }) as typeof response.writeHead;
}

class NodeExchange implements HttpExchange {
  constructor(
    private readonly request: Request,
    private readonly response: ServerResponse,
  ) {}

  get method() {
    return this.request.method ?? '';
  }

  get route() {
    const { route, baseUrl = '' } = this.request;
    return typeof route?.path === 'string' ? baseUrl + route.path : undefined;
  }

  get url() {
    return this.request.originalUrl ?? this.request.url ?? '';
  }

  get body() {
    return this.request.body;
  }

  get idempotencyKey() {
    return this.request.headers['idempotency-key']?.toString();
  }

  answer(status: number, headers: Readonly<Record<string, string>>): void {
    this.response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) this.response.setHeader(name, value);
  }
}
