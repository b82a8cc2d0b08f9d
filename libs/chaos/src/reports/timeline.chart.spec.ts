import { describe, expect, it } from '@jest/globals';
import { bandsOf, resample, spaced } from './timeline.chart.js';

describe('bandsOf', () => {
  it('joins equal samples, begins a band with each role or timeline, and lasts to the end', () => {
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
    const http = { ...quiet, ok: 7, failed: 1, p99Ms: 12 };
    expect(resample([{ second: 0, http, sql: { ...quiet, unknown: 2 } }])).toEqual({
      everySeconds: 1,
      points: [{ second: 0, httpOk: 7, sqlOk: 0, httpP99Ms: 12, sqlP99Ms: null, errors: 3 }],
    });
  });

  it('draws an hour with few points, and an outage of two seconds in full', () => {
    const steady = { ...quiet, ok: 100, p99Ms: 5 };
    const samples = Array.from({ length: 3_600 }, (_, second) => ({
      second,
      http: second === 1_234 ? { ...quiet, failed: 30, unknown: 5 } : steady,
      sql: second === 1_235 ? { ...quiet, failed: 20, p99Ms: 9_000 } : steady,
    }));
    const { everySeconds, points } = resample(samples);
    expect(everySeconds).toBe(9);
    expect(points).toHaveLength(400);
    const [outage, ...others] = points.filter(({ errors }) => errors > 0);
    expect(others).toEqual([]);
    expect(outage).toEqual({ second: 1_233, httpOk: 0, sqlOk: 0, httpP99Ms: 5, sqlP99Ms: 9_000, errors: 35 });
    expect(points[0]).toMatchObject({ httpOk: 100, sqlOk: 100, errors: 0 });
  });
});

describe('spaced', () => {
  const at = (label: string, atMs: number) => ({ label, atMs, text: '' });

  it('removes a label that would touch the one before, and keeps its line', () => {
    expect(spaced([at('A', 0), at('B', 50), at('C', 120), at('D', 200), at('E2', 440)], 100)).toEqual([
      { label: 'A', atMs: 0 },
      { label: '', atMs: 50 },
      { label: '', atMs: 120 },
      { label: 'D', atMs: 200 },
      { label: '', atMs: 440 },
    ]);
  });

  it('labels faults along the whole of a soak', () => {
    const faults = Array.from({ length: 80 }, (_, index) => at(`Z${index}`, index * 45_000));
    const labelled = spaced(faults, 50_000).filter(({ label }) => label !== '');
    expect(labelled).toHaveLength(17);
    expect(labelled.every(({ label }) => label.length <= 3)).toBe(true);
  });
});
