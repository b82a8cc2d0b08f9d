import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApp, useApp } from '../support/app.js';
import { CollectorStub } from '../support/collector.js';
import { Drill, type DrillResult } from '../../../../libs/chaos/test/support/drill.js';
import { useLab, waitReplayed } from '../../../../libs/chaos/test/support/lab.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { deleteProducts } from '../support/products.js';

const app = useApp();
const lab = useLab();
const name = uniqueName('lag');
const replayBoundMs = 20_000;
const sessionsBoundMs = 120_000;
/** 16 sessions that read more than they write. With the two seconds of warm-up they do as many reads as the tests ask for. */
const sessions = { ratePerSecond: 400, clients: 16, shares: { session: 1 } };
const loadMs = 6_000;
const fewestReads = 1_600;
const refusalBoundMs = 15_000;
/** The SDK's clock for a span may differ from the service's by this much. */
const clockMs = 5;

let replicas: string[];

beforeAll(async () => {
  replicas = await lab.replicas();
});
afterEach(async () => {
  await lab.nemesis.heal();
  await waitReplayed(lab, replayBoundMs);
}, 60_000);
afterAll(() => deleteProducts(name));

const frozen = () => String(replicas[0]);
const create = (price: number) => app().http.post('/products').send({ name, price }).expect(201);

/** What clients see whose sessions are served by the service in this process. */
async function liveSessions(what: string): Promise<DrillResult> {
  const drill = new Drill(what, lab);
  try {
    await drill.load({ ...sessions, apiPort: Number(new URL(app().url).port) });
    await sleep(loadMs);
    return await drill.result();
  } finally {
    await drill.cleanUp();
  }
}

function expectKeptPromises({ history, reasons, http }: DrillResult): void {
  expect(reasons).toEqual([]);
  expect(http).toMatchObject({ failed: 0 });
  const reads = history.filter(({ action, consistency }) => action === 'read' && consistency === 'session');
  const servedBy = (role: string) => reads.filter((read) => read.role === role).length;
  expect(reads.length).toBeGreaterThan(fewestReads);
  expect(servedBy('replica')).toBeGreaterThan(servedBy('leader'));
}

describe('Sessions', () => {
  it(
    'see their own writes and never go back in time, on replicas',
    async () => {
      expectKeptPromises(await liveSessions('sessions'));
    },
    sessionsBoundMs,
  );

  it(
    'see their own writes and never go back in time, on replicas, while one replica replays nothing',
    async () => {
      await lab.nemesis.freezeReplay(frozen());
      expectKeptPromises(await liveSessions('sessions-and-a-frozen-replica'));
    },
    sessionsBoundMs,
  );

  it('are answered by the leader while no replica replays, and the answer says so', async () => {
    await lab.nemesis.freezeReplay(...replicas);
    const written = await create(1);
    const { headers } = await app()
      .http.get(String(written.headers['location']))
      .set('Consistency-Token', String(written.headers['consistency-token']))
      .expect(200);
    expect(headers['served-by']).toMatch(/; leader; fwd=behind$/);
  });

  it('miss their own write when they send no token', async () => {
    await lab.nemesis.freezeReplay(...replicas);
    const written = await create(2);
    await app().http.get(String(written.headers['location'])).expect(404);
  });
});

describe('The read of the demo that sends a token', () => {
  it('sees the new row while a stale replica does not show it', async () => {
    await lab.nemesis.freezeReplay(...replicas);
    const { body } = await app().http.post('/products/read-your-writes-demo').send({ name, price: 3 }).expect(201);
    expect(body).toMatchObject({ replicaRead: { found: false }, leaderRead: { found: true } });
    expect(body).toMatchObject({ tokenGuardedRead: { found: true, servedBy: { role: 'leader' } } });
  });
});

describe('Bounded staleness', () => {
  const bounded = (path: string, ms: number) =>
    app().http.get(path).set('Read-Consistency', `bounded; max-staleness=${ms}`);

  it('counts the replicas of an idle cluster as fresh', async () => {
    const written = await create(4);
    await sleep(2_000);
    const { headers } = await bounded(String(written.headers['location']), 500).expect(200);
    expect(headers['served-by']).toMatch(/; replica$/);
  });

  it('does not read from replicas that have replayed nothing for longer than the bound', async () => {
    await lab.nemesis.freezeReplay(...replicas);
    const written = await create(5);
    const path = String(written.headers['location']);
    await sleep(1_000);
    const { headers } = await bounded(path, 500).expect(200);
    expect(headers['served-by']).toMatch(/; leader; fwd=behind$/);
    await bounded(path, 60_000).expect(404);
  });
});

describe('The cap on reads that fall back to the leader', () => {
  const strict = useApp({ READ_LEADER_CONCURRENCY: '1', READ_LEADER_QUEUE_MS: '1', READ_WAIT_BUDGET_MS: '1' });

  it('answers further reads with 503 and Retry-After, and counts them', async () => {
    await lab.nemesis.freezeReplay(...replicas);
    const written = await create(6);
    const read = () =>
      strict()
        .http.get(String(written.headers['location']))
        .set('Consistency-Token', String(written.headers['consistency-token']));
    const statuses = new Set<number>();
    // The reads of a burst may reach the service one after the other; then none of them has to wait.
    const refused = await until({ what: 'a read is refused', boundMs: refusalBoundMs }, async () => {
      const answers = await Promise.all(Array.from({ length: 64 }, read));
      for (const { status } of answers) statuses.add(status);
      return answers.find(({ status }) => status === 503);
    });
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.body).toMatchObject({ code: 'replicas_behind' });
    const { text } = await strict().http.get('/metrics');
    expect(text).toMatch(/^pgha_read_cap_rejections_total [1-9]/m);
  });
});

describe('The trace of a read that no replica could answer', () => {
  const collector = new CollectorStub();
  let traced: TestApp;
  beforeAll(async () => {
    // The SDK's pace, by its standard variable: it would wait for 5 s.
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '200';
    traced = await TestApp.boot({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await collector.open()}` });
    await traced.untilReady();
  }, sessionsBoundMs);
  afterAll(async () => {
    await traced?.close();
    await collector.close();
  });

  it('says how often it was tried again and why, how long it waited, and that the leader answered', async () => {
    await lab.nemesis.freezeReplay(...replicas);
    const written = await create(7);
    const traceId = randomBytes(16).toString('hex');
    await traced.http
      .get(String(written.headers['location']))
      .set('Consistency-Token', String(written.headers['consistency-token']))
      .set('traceparent', `00-${traceId}-${randomBytes(8).toString('hex')}-01`)
      .expect(200);
    const read = await until({ what: 'the trace arrives', boundMs: replayBoundMs }, () =>
      collector.of(traceId).find((span) => span.name === 'read'),
    );

    expect(read.attributes).toMatchObject({ 'pgha.role': 'leader', 'pgha.reason': 'behind' });
    const waitedMs = Number(read.attributes['pgha.waited_ms']);
    expect(waitedMs).toBeGreaterThan(0);
    expect(waitedMs).toBeLessThanOrEqual(read.endMs - read.startMs + clockMs);
    const named = (wanted: string) => read.events.filter((event) => event.name === wanted);
    expect(named('retry').map(({ attributes }) => attributes['pgha.reason'])).toContain('behind');
    expect(named('fallback')).toMatchObject([{ attributes: { 'pgha.reason': 'behind' } }]);
  });
});
