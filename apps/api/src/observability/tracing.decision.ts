import type { Attributes } from '@opentelemetry/api';
import type { Environment } from '../config/environment.schema.js';

type Target = Pick<
  Environment,
  'OTEL_SDK_DISABLED' | 'OTEL_TRACES_EXPORTER' | 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
>;

/**
 * Where traces are sent, by the rules of OpenTelemetry's protocol exporter specification. Undefined: nowhere. Unlike there, no
 * endpoint means no traces, so that nothing is sent that nobody has asked for.
 */
export function tracesUrl(environment: Target): string | undefined {
  if (environment.OTEL_SDK_DISABLED === 'true' || environment.OTEL_TRACES_EXPORTER === 'none') return undefined;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: exact } = environment;
  return exact ?? (base && `${base.replace(/\/$/, '')}/v1/traces`);
}

/** Whether requests of a route are traced. Load balancers and Prometheus ask again and again; theirs would hide all others. */
export function isTraced(route: string | undefined): boolean {
  return route !== '/metrics' && route?.startsWith('/health') !== true;
}

/** What is known of a request when its response is closed. */
export interface RequestEnd {
  readonly status: number;
  /** The client went away before it had the whole response. */
  readonly isAborted: boolean;
  /** The header `Served-By`. */
  readonly servedBy: unknown;
}

/** Attributes of a server span at its end, by OpenTelemetry's semantic conventions: an error of the client is none of the server. */
export function attributesAtEnd({ status, isAborted, servedBy }: RequestEnd): Attributes {
  const served = typeof servedBy === 'string' ? { 'pgha.served_by': servedBy } : {};
  if (isAborted) return { ...served, 'error.type': 'aborted' };
  const failed = status >= 500 ? { 'error.type': String(status) } : {};
  return { ...served, ...failed, 'http.response.status_code': status };
}
