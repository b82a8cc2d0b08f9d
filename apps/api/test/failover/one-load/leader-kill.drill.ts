import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { leaderKill } from '../../../../../libs/chaos/src/faults/leader-kill.fault.js';
import { claimSurvival, type DrillPart } from '../../../../../libs/chaos/test/support/drill.js';
import { waitStreaming } from '../../../../../libs/chaos/test/support/lab.js';
import { uniqueName } from '../../../../../libs/chaos/test/support/names.js';
import { lab as settings } from '../../../../../libs/chaos/test/support/settings.js';
import { loggedByInstances, metricOfInstances } from '../../support/observed.js';
import { deleteProducts } from '../../support/products.js';
import { requestInSession } from '../../support/session.request.js';

/** The TTL of 20 s counts from the last renewal of the lock; promotion, two checks of HAProxy and the first commit come on top. */
const writeGapBoundMs = 25_000;
const recoveryBoundMs = 60_000;
const rejoinBoundMs = 60_000;
/** The most log lines of both instances together, whatever the number of writes. */
const fewLines = 20;
const requestBoundMs = 35_000;
/** The first write after a failover may not know of the new timeline yet; the next ones do. */
const mergeWrites = 10;
const mergePauseMs = 1_000;

/** A write of a session that never reads. @returns the tokens that the session sends next */
async function writeInSession(name: string, tokens: readonly string[]): Promise<readonly string[]> {
  const token = tokens.length === 0 ? undefined : tokens.join(', ');
  const write = { method: 'POST', token, body: { name, price: 1 }, boundMs: requestBoundMs } as const;
  const answer = await requestInSession(`${settings.apiUrl}/products`, write);
  expect(answer.status).toBe(201);
  return String(answer.headers.get('consistency-token')).split(', ');
}

/** The leader's container dies, another member takes over, and the old leader comes back. Ends the load. */
export function leaderDeath(): DrillPart {
  let killed: string;
  let promoted: string;
  let rejoinMs: number;
  let held: number;
  let logged: Record<'writes_held' | 'writes_resumed', number>;
  let tokensBefore: readonly string[];
  let tokensAfter: readonly string[];
  return {
    async run(drill) {
      killed = await drill.lab.leader();
      const name = uniqueName('session');
      tokensBefore = await writeInSession(name, []);
      const heldBefore = await metricOfInstances('pgha_write_held_seconds_count');
      const startedAt = new Date();
      await drill.inject(leaderKill);
      await drill.recovered(recoveryBoundMs);
      await drill.stop();
      held = (await metricOfInstances('pgha_write_held_seconds_count')) - heldBefore;
      const lines = async (event: string) => (await loggedByInstances(event, startedAt)).length;
      logged = { writes_held: await lines('writes_held'), writes_resumed: await lines('writes_resumed') };
      promoted = await drill.lab.leader();
      tokensAfter = await writeInSession(name, tokensBefore);
      for (let write = 1; write < mergeWrites && tokensAfter.length > 1; write += 1) {
        await sleep(mergePauseMs);
        tokensAfter = await writeInSession(name, tokensAfter);
      }
      await deleteProducts(name);
      const startedMs = performance.now();
      await drill.heal(killed);
      await waitStreaming(drill.lab, killed, rejoinBoundMs);
      rejoinMs = performance.now() - startedMs;
    },
    claims(claim) {
      claimSurvival(claim, leaderKill.name, 'while the leader dies and another one takes over');

      claim('The service logs the death of a leader in few lines, and counts every write that it held', () => {
        expect(held).toBeGreaterThan(0);
        for (const lines of Object.values(logged)) {
          expect(lines).toBeGreaterThan(0);
          expect(lines).toBeLessThanOrEqual(fewLines);
        }
      });

      claim('A session that only writes goes on with one token after a failover', () => {
        expect(tokensAfter).toHaveLength(1);
        expect(tokensAfter).not.toEqual(tokensBefore);
      });

      claim('Another member leads after the leader was killed', () => {
        expect(promoted).not.toBe(killed);
      });

      claim('Clients of the service are without writes for at most 25 s when the leader is killed', (result) => {
        expect(result.during(leaderKill.name).writeGapMs).toBeLessThanOrEqual(writeGapBoundMs);
      });

      claim('The old leader, once started again, streams from the new one within 60 s', () => {
        expect(rejoinMs).toBeLessThanOrEqual(rejoinBoundMs);
      });
    },
  };
}
