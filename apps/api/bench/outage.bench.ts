import { setTimeout as sleep } from 'node:timers/promises';
import { withLab } from '../../../libs/chaos/bench/measured.trial.js';
import { deleteProducts } from '../test/support/products.js';
import { lab as settings } from '../../../libs/chaos/test/support/settings.js';
import { until } from '../../../libs/cluster/src/wait.js';
import { publish, table } from '../../../libs/chaos/bench/published.table.js';

const clients = 64;
const beforeMs = 20_000;
const outageMs = 300_000;
const sampleMs = 15_000;
const leaderBoundMs = 180_000;
const requestTimeoutMs = 60_000;

const name = 'bench-outage';
const statuses = new Map<number | string, number>();
const seen = { withoutRetryAfter: 0, lastSuccessMs: 0 };
const stopping = new AbortController();

const rows: (string | number)[][] = [];
const recoveryMs = await withLab(async ({ lab, nemesis }) => {
  const load = Promise.all(Array.from({ length: clients }, write));
  await sleep(beforeMs);
  rows.push(await sample('before'));
  await nemesis.kill(...lab.members);
  for (let elapsedMs = sampleMs; elapsedMs <= outageMs; elapsedMs += sampleMs) {
    await sleep(sampleMs);
    if (elapsedMs % 60_000 === 0) rows.push(await sample(`${elapsedMs / 60_000} min without PostgreSQL`));
  }
  await nemesis.heal();
  // Recovery is counted from when Patroni says that a member leads and runs.
  await until({ what: 'a leader', boundMs: leaderBoundMs, everyMs: 20 }, () => lab.leader());
  const leaderMs = performance.now();
  await until({ what: 'an acknowledged write', boundMs: requestTimeoutMs, everyMs: 10 }, () =>
    seen.lastSuccessMs > leaderMs ? true : undefined,
  );
  const backMs = seen.lastSuccessMs - leaderMs;
  await sleep(beforeMs);
  rows.push(await sample('after'));
  stopping.abort();
  await load;
  return backMs;
});
await deleteProducts(name);

await publish('outage', 'Five minutes without PostgreSQL, under load', [
  `${clients} clients that write through the published port; all members are killed for ${outageMs / 1_000} s and started again.`,
  table(['', 'api1 resident MB', 'api2 resident MB'], rows),
  `Answers: ${[...statuses].map(([status, count]) => `${status}×${count}`).join(', ')}; 503 without Retry-After: ${seen.withoutRetryAfter}. ` +
    `First write acknowledged ${(recoveryMs / 1_000).toFixed(2)} s after a leader was there.`,
]);

async function write(): Promise<void> {
  while (!stopping.signal.aborted) {
    try {
      const response = await fetch(`${settings.apiUrl}/products`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name, price: 1 }),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      await response.arrayBuffer();
      note(response.status);
      if (response.ok) seen.lastSuccessMs = performance.now();
      if (response.status === 503 && response.headers.get('retry-after') === null) seen.withoutRetryAfter += 1;
    } catch (error) {
      note((error as Error).name);
    }
    await sleep(50);
  }
}

function note(outcome: number | string): void {
  statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
}

async function sample(when: string): Promise<(string | number)[]> {
  const resident = settings.instanceUrls.map(async (url) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Math.round(Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 1_048_576);
  });
  return [when, ...(await Promise.all(resident))];
}
