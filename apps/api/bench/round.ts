import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:https';
import axios from 'axios';
import pg from 'pg';
import { table } from '../../../libs/chaos/bench/published.table.js';
import { pause } from '../../../libs/cluster/src/wait.js';
import { measure, median, medians, percentile, type Measured } from './load.js';

const connects = 60;
const writes = 150;
const readSeconds = 6;
/** Until the replicas have the row that is read. */
const replayMs = 1_000;
const name = `compared-${randomUUID()}`;

/** How to reach a lab. */
export interface Candidate {
  readonly api: string;
  readonly sql: pg.ClientConfig;
  readonly agent?: Agent;
}

/** What a lab did in one round. */
export interface Round {
  readonly connectMs: readonly number[];
  readonly reads: Measured;
  readonly writeMs: readonly number[];
}

/** What {@link measureRound} does, in words. */
export const roundInWords =
  `A round: ${connects} connections to the leader through HAProxy, one after the other; GET /products/{id} over 32 connections for ${readSeconds} s; ` +
  `${writes} POST /products with an Idempotency-Key, one after the other. The medians of the rounds; p95 over all rounds.`;

/** Connects, reads and writes, to be compared with another lab or the same one in another shape. */
export async function measureRound({ api, sql, agent }: Candidate): Promise<Round> {
  const client = axios.create({ baseURL: api, httpsAgent: agent, proxy: false });
  const post = (headers = {}) => client.post<{ id: number }>('/products', { name, price: 1 }, { headers });
  const connectMs = await inTurn(connects, async () => {
    const connection = new pg.Client(sql);
    await connection.connect();
    return () => connection.end();
  });
  const { data } = await post();
  await pause(replayMs);
  const reads = await measure({ url: `${api}/products/${data.id}` }, readSeconds);
  const writeMs = await inTurn(writes, async () => {
    await post({ 'Idempotency-Key': `"${randomUUID()}"` });
  });
  return { connectMs, reads, writeMs };
}

/** How long each of these took, without what it returns to be done afterwards. */
async function inTurn(times: number, act: () => Promise<(() => Promise<void>) | void>): Promise<number[]> {
  const tookMs: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    const startedMs = performance.now();
    const after = await act();
    tookMs.push(performance.now() - startedMs);
    await after?.();
  }
  return tookMs;
}

/** One round in a line, to show progress. */
export function inALine({ connectMs, reads, writeMs }: Round): string {
  return `${median(connectMs).toFixed(1)} ms to connect, ${reads.requestsPerSecond.toFixed(0)} reads/s, ${median(writeMs).toFixed(1)} ms a write`;
}

/** A table with a row for each candidate. */
export function roundsTable(what: string, results: ReadonlyMap<string, readonly Round[]>): string {
  return table(
    [what, 'connect p50 ms', 'p95 ms', 'reads/s', 'read p99 ms', 'failed', 'write p50 ms', 'p95 ms'],
    [...results].map(([title, all]) => {
      const reads = medians(all.map((round) => round.reads));
      const columns = (of: (round: Round) => readonly number[]) => [
        median(all.map((round) => median(of(round)))).toFixed(1),
        percentile(all.flatMap(of), 95).toFixed(1),
      ];
      return [
        title,
        ...columns(({ connectMs }) => connectMs),
        reads.requestsPerSecond.toFixed(0),
        reads.p99Ms,
        reads.failures,
        ...columns(({ writeMs }) => writeMs),
      ];
    }),
  );
}
