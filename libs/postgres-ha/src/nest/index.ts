/**
 * postgres-ha for NestJS with TypeORM: `PostgresHaModule.forRoot({ database })` in the root module, then `ReadFacade` and `WriteFacade`
 * in services.
 *
 * @packageDocumentation
 */

export {
  InjectPool,
  POSTGRES_HA_OPTIONS,
  PostgresHaModule,
  type PostgresHaAsyncOptions,
} from './postgres-ha.module.js';
export { ReadFacade, type FacadeRead, type FacadeReadOptions } from './read.facade.js';
export { WriteFacade, type FacadeWrite } from './write.facade.js';
export { PostgresHaHealth, type HealthOf } from './health.indicators.js';

// Requests: what their headers ask for, and what the answers' say.
export { negotiate } from './negotiate.js';
export { hookFastify, type FastifyServer } from './fastify.hooks.js';
export { httpMiddleware, type Middleware } from './http.middleware.js';
export type { HttpExchange } from './http.exchange.js';
export { RequestContext } from './request.context.js';
export { IdempotencyContext } from './idempotency.context.js';
