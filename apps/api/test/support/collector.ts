import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attributesIn, textIn, fieldsIn, messagesIn, msIn, type Fields } from './otlp.js';

/** A span as a collector gets it. Times are milliseconds since 1970. */
export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentId: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly atMs: number;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly failed: boolean;
  /** Attributes of the process that sent it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A collector of traces that speaks OTLP over HTTP with Protobuf (opentelemetry.io/docs/specs/otlp) and keeps what it gets. */
export class CollectorStub {
  readonly spans: SeenSpan[] = [];
  /** Everything that was sent, as it came. */
  received = Buffer.alloc(0);
  private server: Server | undefined;

  /** @param port 0 takes any free port. @returns the port */
  async open(port = 0): Promise<number> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const isTraces = request.method === 'POST' && request.url === '/v1/traces';
        const isProtobuf = request.headers['content-type'] === 'application/x-protobuf';
        if (isTraces && isProtobuf) this.take(Buffer.concat(chunks));
        response.writeHead(isTraces && isProtobuf ? 200 : 400, { 'Content-Type': 'application/x-protobuf' }).end();
      });
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  /** Refuses connections from now on, and cuts those that are open. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** The spans of a trace, in the order in which they began. */
  of(traceId: string): readonly SeenSpan[] {
    return this.spans.filter((span) => span.traceId === traceId).toSorted((a, b) => a.startMs - b.startMs);
  }

  private take(body: Buffer): void {
    this.received = Buffer.concat([this.received, body]);
    for (const resourceSpans of messagesIn(fieldsIn(body), 1)) {
      const resource = messagesIn(resourceSpans, 1).flatMap((fields) => Object.entries(attributesIn(fields, 1)));
      const spans = messagesIn(resourceSpans, 2).flatMap((scopeSpans) => messagesIn(scopeSpans, 2));
      this.spans.push(...spans.map((fields) => spanOf(fields, Object.fromEntries(resource))));
    }
  }
}

/** `Span` of opentelemetry/proto/trace/v1/trace.proto. */
function spanOf(fields: Fields, resource: SeenSpan['resource']): SeenSpan {
  return {
    traceId: textIn(fields, 1, 'hex'),
    spanId: textIn(fields, 2, 'hex'),
    parentId: textIn(fields, 4, 'hex'),
    name: textIn(fields, 5),
    startMs: msIn(fields, 7),
    endMs: msIn(fields, 8),
    attributes: attributesIn(fields, 9),
    events: messagesIn(fields, 11).map((event) => ({
      atMs: msIn(event, 1),
      name: textIn(event, 2),
      attributes: attributesIn(event, 3),
    })),
    failed: messagesIn(fields, 15).some((status) => status.get(3)?.[0] === 2n),
    resource,
  };
}
