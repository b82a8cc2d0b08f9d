import { describe, expect } from '@jest/globals';
import { useDrill } from '../support/drill.js';
import { loggedByInstances, metricOfInstances } from '../support/observed.js';
import { until } from '../support/wait.js';
import { lab as settings } from '../support/settings.js';

/** HAProxy needs two failed checks of each before it sends reads to the leader. */
const readGapBoundMs = 10_000;
const fallbackBoundMs = 30_000;
const returnBoundMs = 60_000;
/** Of both instances: each writes one line per reason in 10 s. */
const fewLines = 20;

/** Writes are not looked at: they wait until Patroni has taken the dead standbys out of the quorum. */
describe('SIGKILL of all replicas', () => {
  let fallback: string;
  let returned: string;
  let counted: number;
  let logged: number;

  const claim = useDrill('all-replicas-kill', async (drill) => {
    const leader = await drill.lab.leader();
    const replicas = await drill.lab.replicas();
    const fallbacks = () => metricOfInstances('pgha_read_fallbacks_total{reason="no-replica"}');
    const countedBefore = await fallbacks();
    const startedAt = new Date();
    await drill.load('reads');
    await drill.strike(() => drill.lab.kill(...replicas));
    fallback = await servedBy(`${leader}; leader`, fallbackBoundMs);
    await drill.recovered(fallbackBoundMs);
    counted = (await fallbacks()) - countedBefore;
    logged = (await loggedByInstances('read_fallback', startedAt)).length;
    await drill.lab.start(...replicas);
    returned = await servedBy('; replica', returnBoundMs);
  });

  claim('lets the leader serve reads, and says so', () => {
    expect(fallback).toMatch(/; leader; fwd=no-replica$/);
  });

  claim('counts each read that fell back, and logs few of them', () => {
    expect(counted).toBeGreaterThan(10 * fewLines);
    expect(logged).toBeGreaterThan(0);
    expect(logged).toBeLessThanOrEqual(fewLines);
  });

  claim('keeps clients from reading for at most 10 s', ({ readGapMs, readAttempts }) => {
    expect(readAttempts.length).toBeGreaterThan(0);
    expect(readGapMs).toBeLessThanOrEqual(readGapBoundMs);
  });

  claim('gives reads back to the replicas once they are there again', () => {
    expect(returned).toMatch(/^patroni[123]; replica$/);
  });
});

/** Reads until `Served-By` contains `words`. */
async function servedBy(words: string, boundMs: number): Promise<string> {
  return until({ what: `a read served by ${words}`, boundMs, everyMs: 100 }, async () => {
    const response = await fetch(`${settings.apiUrl}/products?limit=1`, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    const header = response.headers.get('served-by') ?? '';
    return header.includes(words) ? header : undefined;
  });
}
