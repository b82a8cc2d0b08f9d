import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '../config/environment.schema.js';
import { attributesAtEnd, isTraced, tracesUrl } from './tracing.decision.js';
import { CollectorOutage } from './tracing.outage.js';

declare module 'fastify' {
  interface FastifyRequest {
    span?: Span | undefined;
  }
}

const tracer = trace.getTracer('pg-ha-lab-api');

/**
 * Traces by OpenTelemetry: one span for each request, to which the data layer adds what it does. Off unless the environment names a
 * collector; then nothing of the SDK is loaded, and requests pass no hook of it.
 */
export class Tracing implements OnApplicationShutdown {
  private constructor(private readonly stop?: () => Promise<void>) {}

  static readonly start = async (environment: Environment): Promise<Tracing> => {
    const url = tracesUrl(environment);
    if (url === undefined) return new Tracing();
    const logger = new Logger(Tracing.name);
    const outage = new CollectorOutage((line) => logger.warn(line));
    const { startSdk } = await import('./tracing.sdk.js');
    const { OTEL_SERVICE_NAME: serviceName, APP_VERSION: serviceVersion } = environment;
    return new Tracing(startSdk({ url, serviceName, serviceVersion, exported: (error) => outage.exported(error) }));
  };

  /** Registers the hooks that give each request its span. To be called first, so that the span covers all other hooks. */
  follow(fastify: FastifyInstance): void {
    if (this.stop === undefined) return;
    fastify.decorateRequest('span');
    fastify.addHook('onRequest', (request, reply, done) => {
      if (isTraced(request.routeOptions.url)) begin(request, reply);
      done();
    });
    // Not earlier: what reads the body in between runs the hooks after it outside of this context.
    fastify.addHook('preHandler', ({ span }, _reply, done) => {
      if (span === undefined) done();
      else context.with(trace.setSpan(context.active(), span), done);
    });
  }

  /** Called when the HTTP server has answered its last request. */
  async onApplicationShutdown(): Promise<void> {
    await this.stop?.();
  }
}

function begin(request: FastifyRequest, reply: FastifyReply): void {
  const { method, url, protocol, id, headers } = request;
  const route = request.routeOptions.url;
  const attributes = {
    'http.request.method': method,
    'http.route': route,
    'url.scheme': protocol,
    'url.path': url.split('?', 1)[0],
    'pgha.request_id': id,
  };
  const name = route === undefined ? method : `${method} ${route}`;
  const span = tracer.startSpan(
    name,
    { kind: SpanKind.SERVER, attributes },
    propagation.extract(ROOT_CONTEXT, headers),
  );
  request.span = span;
  // Also emitted when the client goes away, unlike the hook onResponse.
  reply.raw.once('close', () => {
    const { statusCode: status, raw } = reply;
    const end = attributesAtEnd({ status, isAborted: !raw.writableFinished, servedBy: reply.getHeader('served-by') });
    if ('error.type' in end) span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttributes(end).end();
  });
}
