import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings, openLab } from '../../../../libs/chaos/test/support/settings.js';
import { Forwarder } from '../support/tcp.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { deleteProducts } from '../support/products.js';

const requests = 20;
const heldMs = 1_500;

/** A service whose log is kept, and what its metrics say. */
class Observed {
  readonly lines: Record<string, unknown>[] = [];
  app!: TestApp;

  async boot(overrides: Readonly<Record<string, string>>): Promise<void> {
    this.app = await TestApp.boot({ LOG_LEVEL: 'warn', ...overrides }, (line) => this.lines.push(line));
    await this.app.untilReady();
  }

  events(name: string): Record<string, unknown>[] {
    return this.lines.filter(({ event }) => event === name);
  }

  async metric(name: string): Promise<number> {
    const { text } = await this.app.http.get('/metrics').expect(200);
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? 0 : Number(line.split(' ').at(-1));
  }
}

describe('Reads while there is no replica', () => {
  const service = new Observed();

  // HAProxy's read port does this without a replica: it leads to the leader.
  beforeAll(() => service.boot({ DB_READ_PORT: String(settings.writePort) }));
  afterAll(() => service.app.close());

  it('are answered by the leader; each is counted, and all of them together are logged once', async () => {
    const leader = await openLab().leader();
    for (let read = 0; read < requests; read += 1) {
      const { headers } = await service.app.http.get('/products?limit=1').expect(200);
      expect(headers['served-by']).toBe(`${leader}; leader; fwd=no-replica`);
    }
    expect(await service.metric('pgha_read_fallbacks_total{reason="no-replica"}')).toBe(requests);
    expect(service.events('read_fallback')).toEqual([
      expect.objectContaining({ level: 'warn', reason: 'no-replica', member: leader, times: 1 }),
    ]);
  });
});

describe('Reads whose connection breaks', () => {
  const path = new Forwarder(settings.readPort);
  const service = new Observed();
  let port: number;

  beforeAll(async () => {
    port = await path.open();
    await service.boot({ DB_READ_PORT: String(port) });
  });
  afterAll(async () => {
    await service.app.close();
    await path.close();
  });

  it('are tried again; each retry is counted, and each reason is logged once', async () => {
    await service.app.http.get('/products?limit=1').expect(200);
    await path.close();
    const answers = Promise.all(Array.from({ length: requests }, () => service.app.http.get('/products?limit=1')));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await path.open(port);
    expect((await answers).map(({ status }) => status)).toEqual(Array(requests).fill(200));
    const { text } = await service.app.http.get('/metrics').expect(200);
    const counted = [...text.matchAll(/^pgha_read_retries_total\{reason="(\w+)"\} (\d+)$/gm)];
    expect(counted.reduce((sum, [, , count]) => sum + Number(count), 0)).toBeGreaterThanOrEqual(requests);
    const reasons = service.events('read_retried').map(({ reason }) => reason);
    expect(reasons.toSorted()).toEqual(counted.map(([, reason]) => reason).toSorted());
  });
});

describe('Writes while there is no leader', () => {
  const name = uniqueName('fallback');
  const path = new Forwarder(settings.writePort);
  const service = new Observed();
  let port: number;

  beforeAll(async () => {
    port = await path.open();
    await service.boot({ DB_WRITE_PORT: String(port) });
  });
  afterAll(async () => {
    await service.app.close();
    await path.close();
    await deleteProducts(name);
  });

  const write = (row: number) => service.app.http.post('/products').send({ name: `${name}-${row}`, price: 1 });

  it('are held and never sent to a replica; the log says once that holding begins and once that it ends', async () => {
    await write(0).expect(201);
    expect(await service.metric('pgha_writes_held')).toBe(0);
    await path.close();
    const answers = Promise.all(Array.from({ length: requests }, (_, row) => write(row + 1)));
    await until({ what: 'writes are held', boundMs: 5_000, everyMs: 20 }, async () =>
      (await service.metric('pgha_writes_held')) === 1 && (await service.metric('pgha_writes_in_flight')) === requests
        ? true
        : undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, heldMs));
    await path.open(port);
    expect((await answers).map(({ status }) => status)).toEqual(Array(requests).fill(201));
    expect(await service.metric('pgha_writes_held')).toBe(0);
    expect(service.events('writes_held')).toEqual([
      expect.objectContaining({ level: 'warn', reason: expect.any(String) }),
    ]);
    const [resumed, ...more] = service.events('writes_resumed');
    expect(more).toEqual([]);
    expect(resumed?.['heldMs']).toBeGreaterThanOrEqual(heldMs);
    expect(service.events('write_retried').length).toBeGreaterThan(0);
    expect(await service.metric('pgha_write_held_seconds_count')).toBe(requests);
  }, 30_000);
});
