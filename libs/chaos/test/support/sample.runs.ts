import { assembleRun } from '../../src/assembly/run.assembly.js';
import { safety } from '../../src/checkers/verdict.js';
import type { RunFile, RunResult } from '../../src/results/run.result.js';
import { simulate } from './simulation.js';

/** A run of a simulated cluster, judged like a real one. */
export function sampleRun(
  scenario: string,
  run: number,
  outageMs: number,
  changes: Partial<RunResult> = {},
): RunResult {
  const simulated = simulate({ operations: 6_000, perSecond: 200, seed: run, faultMs: 10_000, outageMs });
  const result = assembleRun(
    {
      scenario,
      run,
      seed: run,
      startedAt: new Date(Date.UTC(2026, 10, 20, 12, run)),
      durationMs: simulated.durationMs,
      config: {
        patroni: { ttl: 20, loop_wait: 2, synchronous_mode: 'quorum' },
        images: { patroni1: 'sha256:0123456789abcdef' },
        versions: { PostgreSQL: '17.6', Patroni: '4.0.7' },
        load: { perSecond: 200, sessions: 20 },
      },
      trouble: [],
    },
    simulated,
    simulated.members,
    { figures: { ...safety, writeGapMs: { max: 3_000 } }, leadership: { holdMs: 0 } },
  );
  return { ...result, ...changes };
}

/** The runs of a directory: good scenarios, a flaky one, and a skipped one. */
export const sampleRuns = (): RunFile[] => [
  ...[1, 2, 3].map((run) => sampleRun('switchover', run, 1_500 + run * 100)),
  ...[1, 2, 3].map((run) => sampleRun('postmaster-kill', run, 2_000 + run * 400)),
  {
    schema: 1,
    scenario: 'packet-loss',
    run: 1,
    startedAt: '2026-11-20T12:30:00.000Z',
    skipped: 'this kernel has no nftables numgen',
  },
];
