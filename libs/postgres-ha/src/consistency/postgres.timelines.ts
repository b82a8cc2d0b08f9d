import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../database/connection.checkout.js';
import { parseLsn } from '../database/lsn.js';
import type { Pools } from '../database/pools.js';
import type { EndedTimeline, TimelineHistory } from '../options/timeline.history.js';

interface EndedRow {
  readonly timeline: number;
  readonly lsn: string;
}

/** Longest time for a node to tell its history. */
const boundMs = 1_000;

/**
 * The history of timelines as the nodes tell it, by `ended_timelines()` in the schema of the functions. The leader and a node for reads are
 * asked at the same moment. The longer history counts: one of them may not have followed a failover yet.
 */
export function postgresTimelines(pools: Pick<Pools, 'read' | 'watch'>): TimelineHistory {
  const ask = (pool: Pools['read']) =>
    withClient(pool, async (client) => {
      const { rows } = await client.query<EndedRow>(
        `SELECT timeline, lsn::text FROM ${client.functions}.ended_timelines()`,
      );
      return rows.map(({ timeline, lsn }) => ({ timeline, lsn: parseLsn(lsn) }));
    });
  return {
    endedTimelines: async () => {
      const asked = [ask(pools.watch), ask(pools.read)].map((asking) => bounded(asking));
      return longest(await Promise.allSettled(asked));
    },
  };
}

/**
 * The history that reaches furthest.
 *
 * @throws what the first node failed with, when all failed
 */
export function longest(answers: readonly PromiseSettledResult<readonly EndedTimeline[]>[]): readonly EndedTimeline[] {
  const told = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (told.length === 0) throw failed?.reason;
  const reach = (history: readonly EndedTimeline[]) => Math.max(0, ...history.map(({ timeline }) => timeline));
  return told.reduce((best, history) => (reach(history) > reach(best) ? history : best));
}

async function bounded<T>(asking: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const silence = sleep(boundMs, undefined, { signal: answered.signal }).then((): never => {
    throw new Error(`no node told its history within ${boundMs} ms`);
  });
  try {
    return await Promise.race([asking, silence]);
  } finally {
    answered.abort();
    silence.catch(() => undefined);
    asking.catch(() => undefined);
  }
}
