import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Every metric of the fencing service. */
export class FencingMetrics {
  readonly registry = new Registry();

  readonly decisions = new Counter({
    name: 'fencing_decisions_total',
    help: 'Deaths of containers by what was done about them: fence, leave, doubt (given up), and why.',
    labelNames: ['action', 'reason'],
    registers: [this.registry],
  });

  readonly durationSeconds = new Histogram({
    name: 'fencing_duration_seconds',
    help: 'Time from the death, by the clock of Docker, until the lock was taken away.',
    buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20],
    registers: [this.registry],
  });

  readonly watching = new Gauge({
    name: 'fencing_watching',
    help: '1 while Docker reports deaths to this service. At 0 the TTL alone decides.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
