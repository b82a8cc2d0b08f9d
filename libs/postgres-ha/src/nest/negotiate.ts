import { TokenCodec } from '../consistency/consistency.token.js';
import { hookFastify, type FastifyServer } from './fastify.hooks.js';
import { httpMiddleware, type Middleware } from './http.middleware.js';
import { IdempotencyContext } from './idempotency.context.js';
import { RequestContext } from './request.context.js';

/** What is used of a Nest application. */
interface Application {
  get<T>(provider: abstract new (...parts: never[]) => T): T;
  getHttpAdapter(): { getType(): string; getInstance(): unknown };
  use(middleware: Middleware): unknown;
}

/**
 * Lets the HTTP server of a Nest application speak `Read-Consistency`, `Consistency-Token`, `Served-By` and `Idempotency-Key`. To be
 * called once, before the application listens: on Fastify it adds hooks, on any other adapter a middleware.
 */
export function negotiate(app: Application): void {
  const context = app.get(RequestContext);
  const idempotency = app.get(IdempotencyContext);
  const codec = app.get(TokenCodec);
  const adapter = app.getHttpAdapter();
  if (adapter.getType() === 'fastify') hookFastify(adapter.getInstance() as FastifyServer, context, idempotency, codec);
  else app.use(httpMiddleware(context, idempotency, codec));
}
