import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { pause } from '../../../../libs/cluster/src/wait.js';

const connectTimeoutMs = 2_000;
const tryEveryMs = 25;
/** After the switchover call has returned: the new leader may still be promoting. */
const afterwardsMs = 3_000;
/** 2 to 40 ms were seen. With a second try at the one server there is, HAProxy took a second or more. */
const refusalBoundMs = 500;
const healthyBoundMs = 120_000;

const lab = useLab();

describe('During a switchover', () => {
  it('a connection to :5000 that no leader takes is closed at once, so that its client can try again', async () => {
    const attempts: { readonly isOpen: boolean; readonly tookMs: number }[] = [];
    const over = new AbortController();
    const trying = (async () => {
      while (!over.signal.aborted) {
        attempts.push(await attempt());
        await pause(tryEveryMs);
      }
    })();
    await lab.switchover(await lab.leader());
    await pause(afterwardsMs);
    over.abort();
    await trying;
    await lab.waitHealthy(healthyBoundMs);

    const refused = attempts.filter(({ isOpen }) => !isOpen);
    expect(refused.length).toBeGreaterThan(0);
    expect(attempts.at(-1)?.isOpen).toBe(true);
    expect(refused.filter(({ tookMs }) => tookMs > refusalBoundMs)).toEqual([]);
  }, 180_000);
});

async function attempt() {
  const client = new pg.Client({ ...settings.sql, connectionTimeoutMillis: connectTimeoutMs });
  client.on('error', () => undefined);
  const startedMs = performance.now();
  const isOpen = await client.connect().then(
    () => true,
    () => false,
  );
  const tookMs = performance.now() - startedMs;
  await client.end().catch(() => undefined);
  return { isOpen, tookMs };
}
