import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { TestApp } from '../support/app.js';
import { CollectorStub, type SeenSpan } from '../support/collector.js';
import { deleteProducts } from '../support/products.js';
import { closedPort, CommitBreaker, SilentServer } from '../support/tcp.js';
import { startSdk } from '../../src/observability/tracing.sdk.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const name = uniqueName('traced');
const outageMs = 1_500;
/** The SDK's pace and patience, by its standard variables: with 5 s and 10 s the tests would wait so long. */
const sendEveryMs = 200;
const sendTimeoutMs = 4_000;
const deliveryBoundMs = 10_000;
/** Longer than a service waits for its collector at its end, and shorter than the collector is given otherwise. */
const endBoundMs = 3_500;
/** The SDK's clock for a span may differ from another span's by this much. */
const clockMs = 5;

beforeAll(() => {
  const pace = { OTEL_BSP_SCHEDULE_DELAY: String(sendEveryMs), OTEL_EXPORTER_OTLP_TIMEOUT: String(sendTimeoutMs) };
  Object.assign(process.env, pace);
});

describe('Traces', () => {
  const collector = new CollectorStub();
  const lines: Record<string, unknown>[] = [];
  let answersToSwallow = 0;
  const path = new CommitBreaker(settings.writePort, () => {
    if (answersToSwallow === 0) return undefined;
    answersToSwallow -= 1;
    return 'swallow-answer';
  });
  let collectorPort: number;
  let writePort: number;
  let app: TestApp;
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= app.close());

  beforeAll(async () => {
    [collectorPort, writePort] = [await collector.open(), await path.open()];
    const overrides = {
      LOG_LEVEL: 'info',
      DB_WRITE_PORT: String(writePort),
      // HAProxy's read port does this without a replica: it leads to the leader.
      DB_READ_PORT: String(settings.writePort),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collectorPort}`,
      OTEL_SERVICE_NAME: 'traced',
    };
    app = await TestApp.boot(overrides, (line) => lines.push(line));
    await app.untilReady();
  }, 60_000);
  afterAll(async () => {
    await stop();
    await Promise.all([collector.close(), path.close()]);
    await deleteProducts(name);
  });

  /** The context of a caller that traces, too. */
  const caller = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') });
  const parent = ({ traceId, spanId }: ReturnType<typeof caller>) => `00-${traceId}-${spanId}-01`;
  const write = (row: string, from = caller()) =>
    app.http
      .post('/products')
      .set('traceparent', parent(from))
      .send({ name: `${name}-${row}`, price: 1 });

  /** The spans of a trace once its first one, which ends last, has arrived. */
  async function traceOf({ traceId, spanId }: ReturnType<typeof caller>): Promise<readonly SeenSpan[]> {
    await until({ what: 'the collector has the trace', boundMs: deliveryBoundMs, everyMs: 50 }, () =>
      collector.of(traceId).some(({ parentId }) => parentId === spanId) ? true : undefined,
    );
    return collector.of(traceId);
  }
  const lasted = (span: SeenSpan | undefined) => (span === undefined ? Number.NaN : span.endMs - span.startMs);

  it('of a write whose leader goes away in its COMMIT say how long it was held and how its outcome was found out', async () => {
    answersToSwallow = 1;
    const from = caller();
    const answered = Promise.resolve(write('held', from).expect(201));
    // PostgreSQL has carried it out by then, and the service looks for a leader only some milliseconds later.
    await until({ what: 'the write is held', boundMs: 5_000, everyMs: 1 }, () =>
      lines.some(({ event }) => event === 'writes_held') ? true : undefined,
    );
    await path.close();
    await sleep(outageMs);
    await path.open(writePort);
    await answered;
    const [server, ...below] = await traceOf(from);
    const named = (wanted: string) => below.filter((span) => span.name === wanted);
    const [writes, attempts, holds, doubts] = ['write', 'attempt', 'hold', 'commit resolution'].map(named);
    const [unit, hold, doubt] = [writes?.[0], holds?.[0], doubts?.[0]];

    expect(server).toMatchObject({
      name: 'POST /products',
      parentId: from.spanId,
      failed: false,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/products',
        'http.response.status_code': 201,
        'pgha.served_by': expect.stringMatching(/; leader$/),
      },
      resource: { 'service.name': 'traced' },
    });
    expect(unit?.parentId).toBe(server?.spanId);
    expect(unit).toMatchObject({
      attributes: { 'pgha.outcome': 'replayed' },
      events: expect.arrayContaining([
        expect.objectContaining({ name: 'retry', attributes: { 'pgha.reason': expect.stringMatching(/^[A-Z_]+$/) } }),
      ]),
    });
    expect(unit?.attributes['pgha.attempts']).toBe(attempts?.length);
    for (const span of [...(attempts ?? []), hold, doubt]) expect(span?.parentId).toBe(unit?.spanId);
    expect(attempts?.[0]).toMatchObject({ failed: true, attributes: { 'pgha.member': expect.any(String) } });
    expect(attempts?.at(-1)?.failed).toBe(false);
    expect(doubt?.attributes).toMatchObject({ 'pgha.resolution': 'committed' });

    // Held for the outage, within the doubt, within the write, within the request: each explains most of the next.
    expect(lasted(hold)).toBeGreaterThan(outageMs / 2);
    expect(lasted(doubt)).toBeGreaterThanOrEqual(lasted(hold) - clockMs);
    expect(lasted(unit)).toBeGreaterThanOrEqual(lasted(doubt) - clockMs);
    expect(lasted(server)).toBeGreaterThanOrEqual(lasted(unit) - clockMs);
    expect(lasted(server)).toBeLessThan(lasted(hold) + outageMs);
  }, 30_000);

  it('of a read say who answered, why, and that it fell back to the leader', async () => {
    const from = caller();
    const headers = { traceparent: parent(from), 'Read-Consistency': 'eventual' };
    await app.http.get('/products?limit=1').set(headers).expect(200);
    const [server, read] = await traceOf(from);

    expect(read?.parentId).toBe(server?.spanId);
    expect(read).toMatchObject({
      name: 'read',
      attributes: {
        'pgha.consistency': 'eventual',
        'pgha.role': 'leader',
        'pgha.reason': 'no-replica',
        'pgha.member': expect.any(String),
      },
      events: [{ name: 'fallback', attributes: { 'pgha.reason': 'no-replica' } }],
    });
  });

  it('name the trace in the line of the log, and leave health checks out', async () => {
    const from = caller();
    await app.http.get('/health/live').set('traceparent', parent(from)).expect(200);
    await app.http.get('/products?limit=1').set('traceparent', parent(from)).expect(200);
    const spans = await traceOf(from);

    const logged = lines.filter(({ traceId }) => traceId === from.traceId);
    expect(logged).toMatchObject([{ event: 'request', route: '/products' }]);
    expect(spans.filter(({ parentId }) => parentId === from.spanId)).toHaveLength(1);
  });

  it('hold no SQL, no value of a row, no query string, no token and no key', async () => {
    const from = caller();
    const key = `key-of-${name}`;
    const { headers } = await write('secret', from).set('Idempotency-Key', key).expect(201);
    await app.http
      .get('/products?limit=7')
      .set({ traceparent: parent(from), 'Consistency-Token': String(headers['consistency-token']) })
      .expect(200);
    await until({ what: 'both requests arrive', boundMs: deliveryBoundMs }, () =>
      collector.of(from.traceId).filter(({ parentId }) => parentId === from.spanId).length === 2 ? true : undefined,
    );

    const token = String(headers['consistency-token']);
    for (const secret of [name, key, token, 'INSERT', 'SELECT', 'limit=7']) {
      expect(collector.received.includes(secret)).toBe(false);
    }
  });

  it('cost a request nothing, and the log one line without a stack, while the collector is away', async () => {
    await collector.close();
    const before = lines.length;
    const said = (event: string) => lines.slice(before).filter((line) => line['event'] === event);
    const startedMs = performance.now();
    await app.http.get('/products?limit=1').expect(200);
    expect(performance.now() - startedMs).toBeLessThan(outageMs);
    const lost = { what: 'the log says that traces are lost', boundMs: deliveryBoundMs };
    await until(lost, () => (said('traces_lost').length > 0 ? true : undefined));
    await app.http.get('/products?limit=1').expect(200);
    await sleep(2 * outageMs);

    expect(said('traces_lost')).toEqual([expect.objectContaining({ reason: expect.stringMatching(/./) })]);
    expect(JSON.stringify(lines.slice(before))).not.toMatch(/ at .*:\d+:\d+/);

    await collector.open(collectorPort);
    await until({ what: 'the log says that they are back', boundMs: 2 * deliveryBoundMs }, async () => {
      await app.http.get('/products?limit=1').expect(200);
      return said('traces_resumed').length === 1 ? true : undefined;
    });
  }, 60_000);

  it('of the last request arrive before the service has stopped', async () => {
    const from = caller();
    await write('last', from).expect(201);
    await stop();
    expect(collector.of(from.traceId).map((span) => span.name)).toContain('POST /products');
  }, 30_000);
});

describe('A collector that takes no traces', () => {
  const [silent, refusing] = [new SilentServer(), new CollectorStub()];
  const told: Promise<Error | undefined>[] = [];
  afterAll(async () => {
    await Promise.all([silent.close(), refusing.close()]);
    await Promise.all(told);
  });

  it.each([
    ['accepts connections and never answers', async () => `${await silent.open()}/v1/traces`],
    ['refuses connections', async () => `${await closedPort()}/v1/traces`],
    ['answers 400', async () => `${await refusing.open()}/elsewhere`],
  ])(
    '%s: it holds up the end of the service for 2 s at most, and the service is told that they are lost',
    async (_, open) => {
      const url = `http://127.0.0.1:${await open()}`;
      let end = () => Promise.resolve();
      const exported = new Promise<Error | undefined>((resolve) => {
        end = startSdk({ url, serviceName: 'test', serviceVersion: '', exported: resolve });
      });
      told.push(exported);
      trace.getTracer('test').startSpan('last').end();
      const startedMs = performance.now();
      await end();
      expect(performance.now() - startedMs).toBeLessThan(endBoundMs);
      expect(await exported).toBeInstanceOf(Error);
    },
    deliveryBoundMs,
  );
});
