import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { useApp } from '../support/app.js';
import { LabController } from '../support/lab.controller.js';
import { uniqueName } from '../support/names.js';
import { runSessions } from '../support/session.workload.js';

const app = useApp();
const lab = new LabController();
const name = uniqueName('lag');
const sessions = 16;
const pairs = 1_600;
const clean = { pairs, readYourWrites: [], monotonic: [], failures: {} };

let replicas: string[];

beforeAll(async () => {
  replicas = await lab.replicas();
});
afterEach(() => lab.thawReplay(), 60_000);
afterAll(async () => {
  await lab.deleteProducts(name);
  await lab.deleteProducts('session-');
});

const frozen = () => String(replicas[0]);
const create = (price: number) => app().http.post('/products').send({ name, price }).expect(201);

describe('Sessions', () => {
  it('see their own writes and never go back in time, on replicas', async () => {
    const report = await runSessions({ url: app().url, sessions, pairs });
    expect(report).toEqual({ ...clean, servedByRole: expect.anything() });
    expect(report.servedByRole['replica']).toBeGreaterThan(report.servedByRole['leader'] ?? 0);
  }, 120_000);

  it('do so while one replica replays nothing', async () => {
    await lab.freezeReplay(frozen());
    const report = await runSessions({ url: app().url, sessions, pairs });
    expect(report).toEqual({ ...clean, servedByRole: expect.anything() });
    expect(report.servedByRole['replica']).toBeGreaterThan(report.servedByRole['leader'] ?? 0);
  }, 120_000);

  it('are answered by the leader, and told so, while no replica replays', async () => {
    await lab.freezeReplay(...replicas);
    const written = await create(1);
    const { headers } = await app()
      .http.get(String(written.headers['location']))
      .set('Consistency-Token', String(written.headers['consistency-token']))
      .expect(200);
    expect(headers['served-by']).toMatch(/; leader; fwd=behind$/);
  });

  it('would miss their own write without the token', async () => {
    await lab.freezeReplay(...replicas);
    const written = await create(2);
    await app().http.get(String(written.headers['location'])).expect(404);
  });
});

describe('A guarded read of the demo', () => {
  it('sees the row that a stale replica does not show', async () => {
    await lab.freezeReplay(...replicas);
    const { body } = await app().http.post('/products/read-your-writes-demo').send({ name, price: 3 }).expect(201);
    expect(body).toMatchObject({ replicaRead: { found: false }, leaderRead: { found: true } });
    expect(body).toMatchObject({ tokenGuardedRead: { found: true, servedBy: { role: 'leader' } } });
  });
});

describe('Bounded staleness', () => {
  const bounded = (path: string, ms: number) =>
    app().http.get(path).set('Read-Consistency', `bounded; max-staleness=${ms}`);

  it('takes an idle cluster for fresh', async () => {
    const written = await create(4);
    await sleep(2_000);
    const { headers } = await bounded(String(written.headers['location']), 500).expect(200);
    expect(headers['served-by']).toMatch(/; replica$/);
  });

  it('does not take replicas for fresh that have not replayed for longer than the bound', async () => {
    await lab.freezeReplay(...replicas);
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

  it('answers 503 with Retry-After beyond it, and counts that', async () => {
    await lab.freezeReplay(...replicas);
    const written = await create(6);
    const answers = await Promise.all(
      Array.from({ length: 64 }, () =>
        strict()
          .http.get(String(written.headers['location']))
          .set('Consistency-Token', String(written.headers['consistency-token'])),
      ),
    );
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect(refused[0]?.body).toMatchObject({ code: 'replicas_behind' });
    const { text } = await strict().http.get('/metrics');
    expect(text).toMatch(/^pgha_read_cap_rejections_total [1-9]/m);
  });
});
