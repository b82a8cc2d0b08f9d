import { Global, Module } from '@nestjs/common';
import { ENVIRONMENT } from '../config/config.module.js';
import { Metrics } from './metrics.js';
import { MetricsController } from './metrics.controller.js';
import { Tracing } from './tracing.js';

/** Logs, metrics and traces. */
@Global()
@Module({
  controllers: [MetricsController],
  providers: [
    { provide: Metrics, useFactory: () => new Metrics() },
    { provide: Tracing, inject: [ENVIRONMENT], useFactory: Tracing.start },
  ],
  exports: [Metrics, Tracing],
})
export class ObservabilityModule {}
