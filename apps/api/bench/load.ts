import autocannon from 'autocannon';

/** The figures of one measurement. */
export interface Measured {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

/** The request that is sent again and again. */
export interface Target {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends requests over 32 connections, one at a time on each, for as long as the measurement takes. */
export async function measure(target: Target, durationSeconds: number): Promise<Measured> {
  const result = await autocannon({ ...target, connections: 32, duration: durationSeconds });
  return {
    requestsPerSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failures: result.non2xx + result.errors + result.timeouts,
  };
}

/** The median of the rounds of one candidate; failures are added up. */
export function medians(rounds: readonly Measured[]): Measured {
  const of = (pick: (round: Measured) => number) => median(rounds.map(pick));
  return {
    requestsPerSecond: of((round) => round.requestsPerSecond),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
  };
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The percentile by nearest rank. */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)] ?? NaN;
}
