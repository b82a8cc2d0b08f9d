import { describe, expect, it } from '@jest/globals';
import { bandsOf, resample, spaced } from './timeline.chart.js';

describe('bandsOf', () => {
  it('joins equal samples, begins anew with a role or timeline, and lasts to the end', () => {
    const sample = (atMs: number, role: string, timeline: number) => ({ atMs, member: 'p1', role, timeline });
    const members = [
      sample(0, 'replica', 1),
      sample(500, 'replica', 1),
      sample(1_000, 'primary', 1),
      sample(1_500, 'primary', 2),
    ];
    expect(
      bandsOf({ members, durationMs: 3_000 }).map(({ role, timeline, fromMs, toMs }) => [role, timeline, fromMs, toMs]),
    ).toEqual([
      ['replica', 1, 0, 1_000],
      ['primary', 1, 1_000, 1_500],
      ['primary', 2, 1_500, 3_000],
    ]);
  });
});

describe('resample', () => {
  const quiet = { ok: 0, failed: 0, unknown: 0, p50Ms: null, p99Ms: null, maxMs: null };

  it('leaves a short run as it is', () => {
    const samples = [{ second: 0, http: quiet, sql: quiet }];
    expect(resample(samples)).toBe(samples);
  });

  it('draws an hour with few points, without losing a rate or a peak', () => {
    const samples = Array.from({ length: 3_600 }, (_, second) => ({
      second,
      http: { ...quiet, ok: 100, p99Ms: second === 1_234 ? 9_000 : 5 },
      sql: quiet,
    }));
    const points = resample(samples);
    expect(points.length).toBeLessThanOrEqual(240);
    expect(points.every(({ http }) => http.ok === 100)).toBe(true);
    expect(Math.max(...points.map(({ http }) => http.p99Ms ?? 0))).toBe(9_000);
    expect(points[0]?.sql.p99Ms).toBeNull();
  });
});

describe('spaced', () => {
  it('puts letters together that would lie upon each other', () => {
    const at = (label: string, atMs: number) => ({ label, atMs, text: '' });
    expect(spaced([at('A', 0), at('B', 50), at('C', 120), at('D', 900)], 100)).toEqual([
      { label: 'ABC', atMs: 0 },
      { label: '', atMs: 50 },
      { label: '', atMs: 120 },
      { label: 'D', atMs: 900 },
    ]);
  });
});
