import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/** One log line and one observation per request, when its response has been sent. */
export function observeRequests(fastify: FastifyInstance, metrics: Metrics): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('X-Request-Id', request.id);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.statusCode;
    metrics.httpDurationSeconds.observe({ method, route, status }, reply.elapsedTime / 1_000);
    request.log.info({
      event: 'request',
      method,
      url: request.url,
      route,
      status,
      durationMs: Math.round(reply.elapsedTime * 100) / 100,
      servedBy: reply.getHeader('served-by'),
      traceId: request.span?.spanContext().traceId,
    });
    done();
  });
}
