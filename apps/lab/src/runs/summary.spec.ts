import { describe, expect, it } from '@jest/globals';
import { sampleRuns } from '../../test/support/sample.runs.js';
import { isSkipped } from '../results/run.result.js';
import { seconds, spreadTable, verdictTable, verdictWord } from './summary.js';

const lines = (table: string) => table.split('\n').slice(1);

describe('The verdict table', () => {
  const runs = sampleRuns();

  it('has a line for each run, skipped ones with their reason', () => {
    expect(lines(verdictTable(runs))).toHaveLength(runs.length);
    const skipped = runs.find(isSkipped);
    expect(verdictTable(runs)).toContain(skipped?.skipped);
  });

  it('says why a run failed', () => {
    const failed = runs.filter((run) => verdictWord(run) === 'FAIL');
    expect(failed.length).toBeGreaterThan(0);
    for (const run of failed) if (!isSkipped(run)) expect(verdictTable(runs)).toContain(run.verdict.reasons.join('; '));
  });
});

describe('The spread table', () => {
  it('has a line for each scenario', () => {
    const runs = sampleRuns();
    expect(lines(spreadTable(runs))).toHaveLength(new Set(runs.map(({ scenario }) => scenario)).size);
  });

  it('shows a dash for what was not measured', () => {
    expect([seconds(null), seconds(1_234)]).toEqual(['–', '1.23 s']);
  });
});
