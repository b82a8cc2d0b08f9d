import { build, type Histogram } from 'hdr-histogram-js';
import type { Channel, History, Operation } from '../history/operation.js';
import { percentile, sorted } from '../numbers/sorted.js';

/** Latencies in ms; null where nothing succeeded. */
export interface Latency {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** The time in which the fault was there. */
export interface Window {
  /** Start of the fault. Undefined: everything is `before`. */
  readonly faultMs?: number | undefined;
  /** When the fault was healed. Undefined: everything from the fault on is `during`. */
  readonly healedMs?: number | undefined;
}

const periods = ['before', 'during', 'after'] as const;
type Period = (typeof periods)[number];

/** Latencies before, during and after the fault. */
export type LatencyByPeriod = Readonly<Record<Period, Latency>>;

/**
 * Latencies of the operations that succeeded, by the period in which they were due. Each counts from the time at which the
 * schedule wanted it sent, so that a stalled server is charged for every operation that it held up (no coordinated omission).
 * Three significant digits.
 *
 * @param channel all channels where absent
 */
export function latencyByPeriod(history: History, window: Window, channel?: Channel): LatencyByPeriod {
  const histograms: Record<Period, Histogram> = { before: histogram(), during: histogram(), after: histogram() };
  for (const operation of history) {
    if (operation.outcome !== 'ok' || (channel !== undefined && operation.channel !== channel)) continue;
    histograms[periodOf(dueMs(operation), window)].recordValue(Math.max(1, Math.round(latencyMs(operation) * 1_000)));
  }
  return { before: summary(histograms.before), during: summary(histograms.during), after: summary(histograms.after) };
}

/** One second of one channel. */
export interface Second {
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
  /** Latencies of the operations that succeeded; null where none did. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** The operations that ended in each second since the start, with the seconds in which none ended. */
export function samplesBySecond(
  history: History,
): { readonly second: number; readonly http: Second; readonly sql: Second }[] {
  const seconds: Record<Channel, Bucket>[] = [];
  for (const operation of history) {
    const second = Math.max(0, Math.floor(operation.endedMs / 1_000));
    while (seconds.length <= second) seconds.push({ http: bucket(), sql: bucket() });
    const of = seconds[second]![operation.channel];
    of[operation.outcome] += 1;
    if (operation.outcome === 'ok') of.latenciesMs.push(latencyMs(operation));
  }
  return seconds.map(({ http, sql }, second) => ({ second, http: secondOf(http), sql: secondOf(sql) }));
}

interface Bucket {
  ok: number;
  failed: number;
  unknown: number;
  readonly latenciesMs: number[];
}

const bucket = (): Bucket => ({ ok: 0, failed: 0, unknown: 0, latenciesMs: [] });

function secondOf({ ok, failed, unknown, latenciesMs }: Bucket): Second {
  const ms = sorted(latenciesMs);
  return {
    ok,
    failed,
    unknown,
    p50Ms: percentile(ms, 50),
    p99Ms: percentile(ms, 99),
    maxMs: percentile(ms, 100),
  };
}

const dueMs = ({ dueMs: due, invokedMs }: Operation): number => Math.min(due ?? invokedMs, invokedMs);
const latencyMs = (operation: Operation): number => operation.endedMs - dueMs(operation);

function periodOf(atMs: number, { faultMs, healedMs }: Window): Period {
  if (faultMs === undefined || atMs < faultMs) return 'before';
  return healedMs === undefined || atMs < healedMs ? 'during' : 'after';
}

/** A histogram of microseconds: it takes whole numbers only. */
const histogram = (): Histogram =>
  build({ numberOfSignificantValueDigits: 3, autoResize: true, useWebAssembly: false });

function summary(of: Histogram): Latency {
  // The library gives the upper end of a percentile's bucket, which may lie beyond the largest value.
  const ms = (microseconds: number): number | null =>
    of.totalCount === 0 ? null : Math.min(microseconds, of.maxValue) / 1_000;
  return {
    count: of.totalCount,
    p50: ms(of.getValueAtPercentile(50)),
    p99: ms(of.getValueAtPercentile(99)),
    max: ms(of.maxValue),
  };
}
