import { expect, it } from '@jest/globals';
import { sampleRun } from '../../test/support/sample.runs.js';
import { summarize } from './scenario.summary.js';

const run = sampleRun('a', 1, 1_000);
const failed = { pass: false, reasons: ['lost is 1, expected at most 0'] };

it('sums runs up by scenario, and lists those that failed or were skipped', () => {
  const passed = { pass: true, reasons: [] };
  const runs = [10, 30, 20].map((writeGapMs, index) => ({
    ...run,
    run: index + 1,
    writeGapMs,
    lost: 0,
    verdict: passed,
  }));
  const skipped = { schema: 1, scenario: 'a', run: 5, startedAt: run.startedAt, skipped: 'no nftables' } as const;
  const [summary] = summarize([...runs, { ...run, run: 4, writeGapMs: null, lost: 2, verdict: failed }, skipped]);
  expect(summary).toMatchObject({
    scenario: 'a',
    runs: 4,
    passed: 3,
    flaky: true,
    skipped: ['no nftables'],
    failures: [{ run: 4, reasons: failed.reasons }],
    spread: { writeGapMs: { count: 3, min: 10, median: 20, p95: 30, max: 30 } },
    total: { lost: 2, acked: run.acked * 4, unknownPresent: run.unknownPresent * 4, staleLeaderReads: 0 },
  });
});

it('does not call a scenario flaky that always fails', () => {
  expect(summarize([{ ...run, verdict: failed }])).toMatchObject([{ flaky: false, passed: 0 }]);
});

it('has no spread for a figure that no run measured', () => {
  expect(summarize([{ ...run, readGapMs: null }])[0]?.spread.readGapMs).toBeNull();
});
