import { describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';

const app = useApp();

describe('GET /metrics', () => {
  it('is Prometheus text', async () => {
    const response = await app().http.get('/metrics').expect(200);
    expect(response.headers['content-type']).toMatch(/^text\/plain/);
    expect(response.text).toMatch(/^# TYPE process_cpu_seconds_total counter$/m);
  });

  it('counts requests by route pattern, not by URL', async () => {
    await app().http.get('/products/2147483646').expect(404);
    await app().http.get('/nowhere/at-all').expect(404);
    const { text } = await app().http.get('/metrics').expect(200);
    expect(text).toMatch(
      /^pgha_http_request_duration_seconds_count\{method="GET",route="\/products\/:id",status="404"\} [1-9]/m,
    );
    expect(text).not.toContain('2147483646');
    expect(text).not.toContain('at-all');
  });
});
