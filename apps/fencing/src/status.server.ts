import { createServer, type Server } from 'node:http';
import type { FencingMetrics } from './fencing.metrics.js';

/** Serves `/metrics` for Prometheus, and `/health`: 200 while Docker reports deaths to this service, otherwise 503. */
export function serveStatus(port: number, metrics: FencingMetrics): Server {
  return createServer(async (request, response) => {
    if (request.url === '/metrics') {
      response.setHeader('Content-Type', metrics.registry.contentType).end(await metrics.registry.metrics());
      return;
    }
    if (request.url === '/health') {
      const watching = (await metrics.watching.get()).values.some(({ value }) => value === 1);
      response.statusCode = watching ? 200 : 503;
      response.end(watching ? 'watching\n' : 'Docker does not report events\n');
      return;
    }
    response.statusCode = 404;
    response.end();
  }).listen(port);
}
