import { describe, expect } from '@jest/globals';
import { useDrill } from '../support/drill.js';
import { until } from '../support/wait.js';
import { lab as settings } from '../support/settings.js';

/** HAProxy needs two failed checks of each before it sends reads to the leader. */
const readGapBoundMs = 10_000;
const fallbackBoundMs = 30_000;
const returnBoundMs = 60_000;

/** Writes are not looked at: they wait until Patroni has taken the dead standbys out of the quorum. */
describe('SIGKILL of all replicas', () => {
  let fallback: string;
  let returned: string;

  const claim = useDrill('all-replicas-kill', async (drill) => {
    const leader = await drill.lab.leader();
    const replicas = await drill.lab.replicas();
    await drill.load('reads');
    await drill.strike(() => drill.lab.kill(...replicas));
    fallback = await servedBy(`${leader}; leader`, fallbackBoundMs);
    await drill.recovered(fallbackBoundMs);
    await drill.lab.start(...replicas);
    returned = await servedBy('; replica', returnBoundMs);
  });

  claim('lets the leader serve reads, and says so', () => {
    expect(fallback).toMatch(/; leader; fwd=no-replica$/);
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
