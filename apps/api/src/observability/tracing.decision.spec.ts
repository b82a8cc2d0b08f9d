import { describe, expect, it } from '@jest/globals';
import { parseEnvironment } from '../config/environment.schema.js';
import { attributesAtEnd, isTraced, tracesUrl } from './tracing.decision.js';

describe('tracesUrl', () => {
  const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  const exact = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other:4318/traces' };
  const empty = { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '', OTEL_SDK_DISABLED: '' };

  it.each<[what: string, variables: Record<string, string>, expected: string | undefined]>([
    ['nothing is set', {}, undefined],
    ['all is empty, as Compose passes what .env does not have', empty, undefined],
    ['the collector is named', base, 'http://collector:4318/v1/traces'],
    ['its URL ends with a slash', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' }, 'http://c:4318/v1/traces'],
    ['traces go elsewhere', { ...base, ...exact }, 'http://other:4318/traces'],
    ['the SDK is disabled', { ...base, OTEL_SDK_DISABLED: 'true' }, undefined],
    ['traces are not exported', { ...exact, OTEL_TRACES_EXPORTER: 'none' }, undefined],
  ])('when %s', (_, variables, expected) => {
    const needed = { DB_PASSWORD: 'x', CONSISTENCY_TOKEN_SECRET: 'x'.repeat(32) };
    expect(tracesUrl(parseEnvironment({ ...needed, ...variables }))).toBe(expected);
  });
});

describe('isTraced', () => {
  it.each([
    ['/products/:id', true],
    [undefined, true],
    ['/metrics', false],
    ['/health', false],
    ['/health/ready', false],
  ])('%s: %s', (route, expected) => expect(isTraced(route)).toBe(expected));
});

describe('attributesAtEnd', () => {
  it.each([
    [
      { status: 201, isAborted: false, servedBy: 'patroni1; leader' },
      { 'http.response.status_code': 201, 'pgha.served_by': 'patroni1; leader' },
    ],
    [{ status: 404, isAborted: false, servedBy: undefined }, { 'http.response.status_code': 404 }],
    [
      { status: 503, isAborted: false, servedBy: undefined },
      { 'http.response.status_code': 503, 'error.type': '503' },
    ],
    [{ status: 200, isAborted: true, servedBy: undefined }, { 'error.type': 'aborted' }],
  ])('%j', (end, expected) => expect(attributesAtEnd(end)).toEqual(expected));
});
