import { afterEach, describe, expect, it } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { StubServer } from '../test/support/stub.server.js';
import { DockerClient } from './docker.client.js';
import { fencingSchema } from './fencing.environment.js';

const requestTimeoutMs = 100;

let docker: StubServer;
afterEach(() => docker.close());

/** Subscribes to deaths, and gives what the test looks at. */
async function subscribe(listener: RequestListener) {
  docker = new StubServer(listener);
  const environment = fencingSchema.parse({
    DOCKER_URL: await docker.open(),
    COMPOSE_PROJECT: 'lab',
    PATRONI_SCOPE: 'pg-ha',
    ETCD_URLS: 'http://127.0.0.1:2379',
    REQUEST_TIMEOUT_MS: requestTimeoutMs,
  });
  const stopping = new AbortController();
  let connected = false;
  const deaths = new DockerClient(environment).deaths(0, stopping.signal, () => (connected = true));
  return { first: deaths.next(), stop: () => stopping.abort(), isConnected: () => connected };
}

describe('A subscription to deaths', () => {
  it('fails when Docker does not answer it in time', async () => {
    const { first, isConnected } = await subscribe(() => undefined);
    await expect(first).rejects.toThrow('Docker did not answer within 100 ms');
    expect(isConnected()).toBe(false);
  });

  it('waits for as long as nobody dies, once Docker has answered', async () => {
    const { first } = await subscribe((_, response) => {
      response.flushHeaders();
      const Actor = { ID: 'c1', Attributes: { 'com.docker.compose.service': 'patroni1' } };
      setTimeout(() => response.end(`${JSON.stringify({ Actor, timeNano: 5e6 })}\n`), 3 * requestTimeoutMs);
    });
    expect(await first).toMatchObject({ value: { who: { containerId: 'c1', member: 'patroni1' }, atMs: 5 } });
  });

  it('ends when its signal aborts', async () => {
    const { first, stop } = await subscribe((_, response) => response.flushHeaders());
    await sleep(2 * requestTimeoutMs);
    stop();
    const ended = first.then(
      () => 'ended',
      () => 'ended',
    );
    expect(await Promise.race([ended, sleep(2_000, 'still there')])).toBe('ended');
  });
});
