import { expect } from '@jest/globals';
import { replicasKill } from '../../../../../libs/chaos/src/faults/replicas-kill.fault.js';
import { type DrillPart } from '../../../../../libs/chaos/test/support/drill.js';
import { lab as settings } from '../../../../../libs/chaos/test/support/settings.js';
import { pause, until } from '../../../../../libs/cluster/src/wait.js';
import { loggedByInstances, metricOfInstances } from '../../support/observed.js';

/** HAProxy needs two failed checks of each before it sends reads to the leader. */
const readGapBoundMs = 10_000;
const fallbackBoundMs = 30_000;
const returnBoundMs = 60_000;
/** How long reads fall back: so many do in this time that a log line for each would be noticed. */
const fallbackMs = 4_000;
/** The most log lines of both instances together: each writes one per reason in 10 s. */
const fewLines = 20;

/** Both replicas die: the leader serves reads as well, and Patroni lets it acknowledge writes without a standby. */
export function replicaDeaths(): DrillPart {
  let fallback: string;
  let returned: string;
  let counted: number;
  let logged: number;
  return {
    async run(drill) {
      const leader = await drill.lab.leader();
      const replicas = await drill.lab.replicas();
      const fallbacks = () => metricOfInstances('pgha_read_fallbacks_total{reason="no-replica"}');
      const countedBefore = await fallbacks();
      const startedAt = new Date();
      await drill.inject(replicasKill);
      fallback = await servedBy(`${leader}; leader`, fallbackBoundMs);
      await pause(fallbackMs);
      counted = (await fallbacks()) - countedBefore;
      logged = (await loggedByInstances('read_fallback', startedAt)).length;
      await drill.heal(...replicas);
      returned = await servedBy('; replica', returnBoundMs);
      await drill.lab.waitHealthy(returnBoundMs);
      await drill.recovered(returnBoundMs);
    },
    claims(claim) {
      claim('While all replicas are dead the leader serves reads, and says so', () => {
        expect(fallback).toMatch(/; leader; fwd=no-replica$/);
      });

      claim('Each read that fell back to the leader is counted, and few of them are logged', () => {
        expect(counted).toBeGreaterThan(10 * fewLines);
        expect(logged).toBeGreaterThan(0);
        expect(logged).toBeLessThanOrEqual(fewLines);
      });

      claim('Clients of the service are without reads for at most 10 s after all replicas were killed', (result) => {
        const { requests, readGapMs } = result.during(replicasKill.name);
        expect(requests.some(({ action }) => action === 'read')).toBe(true);
        expect(readGapMs).toBeLessThanOrEqual(readGapBoundMs);
      });

      claim('Replicas get reads again once they are back', () => {
        expect(returned).toMatch(/^patroni[123]; replica$/);
      });
    },
  };
}

/** Reads again and again until `Served-By` contains `words`. */
async function servedBy(words: string, boundMs: number): Promise<string> {
  return until({ what: `a read served by ${words}`, boundMs, everyMs: 100 }, async () => {
    const response = await fetch(`${settings.apiUrl}/products?limit=1`, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    const header = response.headers.get('served-by') ?? '';
    return header.includes(words) ? header : undefined;
  });
}
