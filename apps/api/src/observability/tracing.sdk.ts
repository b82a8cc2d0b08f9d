import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** How long a stopping instance waits until the collector has the last spans. */
const flushBoundMs = 2_000;
const delivered = 0;

/** What the SDK is started with. All else, such as sampler, queue and headers, it reads from the standard variables. */
export interface SdkSettings {
  readonly url: string;
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Called after each batch, with why it could not be delivered. */
  readonly exported: (error: Error | undefined) => void;
}

/** Makes all spans of this process be recorded and sent. @returns what sends the last ones and ends it */
export function startSdk({ url, serviceName, serviceVersion, exported }: SdkSettings): () => Promise<void> {
  const own = { 'service.name': serviceName, 'service.version': serviceVersion, 'service.instance.id': hostname() };
  const provider = new NodeTracerProvider({
    // A later `merge` wins. The detector reads OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME.
    resource: defaultResource()
      .merge(resourceFromAttributes(own))
      .merge(detectResources({ detectors: [envDetector] })),
    // Holds 2048 spans at most and drops what is more, so that a collector that is away takes neither memory nor time.
    spanProcessors: [new BatchSpanProcessor(new Exporter(url, exported))],
  });
  provider.register();
  return async () => {
    const flushed = provider.shutdown().catch(() => undefined);
    await Promise.race([flushed, sleep(flushBoundMs, undefined, { ref: false })]);
    trace.disable();
    context.disable();
    propagation.disable();
  };
}

/** The SDK itself tells nobody that a batch was not delivered. */
class Exporter extends OTLPTraceExporter {
  constructor(
    url: string,
    private readonly exported: SdkSettings['exported'],
  ) {
    super({ url });
  }

  override export(spans: ReadableSpan[], done: Parameters<OTLPTraceExporter['export']>[1]): void {
    super.export(spans, (result) => {
      this.exported(result.code === delivered ? undefined : (result.error ?? new Error('not delivered')));
      done(result);
    });
  }
}
