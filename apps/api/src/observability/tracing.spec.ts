import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { parseEnvironment } from '../config/environment.schema.js';

const loads: string[] = [];
jest.unstable_mockModule('./tracing.sdk.js', () => {
  loads.push('sdk');
  return { startSdk: () => () => Promise.resolve() };
});
const { Tracing } = await import('./tracing.js');

const environment = (variables: Readonly<Record<string, string>>) =>
  parseEnvironment({ DB_PASSWORD: 'x', CONSISTENCY_TOKEN_SECRET: 'x'.repeat(32), ...variables });

describe('The SDK of OpenTelemetry', () => {
  it('is loaded only when the environment names a collector', async () => {
    await Tracing.start(environment({}));
    expect(loads).toEqual([]);

    await Tracing.start(environment({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }));
    expect(loads).toEqual(['sdk']);
  });

  it('is imported by one file, and that file only when it is needed', () => {
    const sources = ['apps/api/src', 'libs/postgres-ha/src', 'libs/service-kit/src'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    );
    const importers = sources
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .filter((file) => /from '(@opentelemetry\/(?!api')|.*tracing\.sdk\.js')/.test(readFileSync(file, 'utf8')));

    expect(importers).toEqual(['apps/api/src/observability/tracing.sdk.ts']);
  });
});
