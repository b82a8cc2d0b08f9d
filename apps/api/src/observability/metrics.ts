import { Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Every metric of the service is registered here and nowhere else. */
export class Metrics {
  readonly registry = new Registry();

  readonly httpDurationSeconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its response, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
