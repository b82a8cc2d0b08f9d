import { SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { codeOf } from '../database/failure.table.js';

export type { Span } from '@opentelemetry/api';

/** Makes spans that record nothing unless the application has started an SDK of OpenTelemetry. */
const tracer = trace.getTracer('postgres-ha');

/**
 * Runs `work` in a span below the active one. A failure is told by its code alone, for messages of PostgreSQL quote rows.
 * For the same reason no attribute ever holds SQL or a value of it.
 */
export function inSpan<T>(name: string, work: () => Promise<T>, attributes: Attributes = {}): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, (span) => (span.isRecording() ? recorded(span, work) : work()));
}

/** A span below the active one that is ended by the caller, for what goes on over several pieces of work. */
export function beginSpan(name: string, attributes: Attributes): Span {
  return tracer.startSpan(name, { attributes });
}

/** Adds to the active span what has turned out meanwhile. */
export function annotate(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** Adds a moment to the active span. */
export function mark(name: string, attributes: Attributes): void {
  trace.getActiveSpan()?.addEvent(name, attributes);
}

async function recorded<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span.setAttribute('error.type', codeOf(error)).setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
