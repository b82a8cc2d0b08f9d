import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';

const askTimeoutMs = 5_000;

it('HAProxy keeps an idle connection for longer than the service tells its clients', async () => {
  const { headers } = await fetch(`${settings.apiUrl}/health/live`, { signal: AbortSignal.timeout(askTimeoutMs) });
  const toldSeconds = Number(/^timeout=(\d+)$/.exec(headers.get('keep-alive') ?? '')?.[1]);
  const configuration = await readFile(new URL('../../../../haproxy/haproxy.cfg', import.meta.url), 'utf8');
  const keptSeconds = Number(/timeout http-keep-alive (\d+)s/.exec(configuration)?.[1]);
  expect(toldSeconds).toBeGreaterThan(0);
  expect(keptSeconds).toBeGreaterThan(toldSeconds);
});
