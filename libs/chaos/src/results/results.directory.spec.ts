import { describe, expect, it } from '@jest/globals';
import { nextRun, runFileName } from './results.directory.js';

describe('The number of the next run of a scenario', () => {
  const names = [
    'switchover-001.run.json',
    'switchover-003.run.json',
    'switchover-004.history.jsonl',
    'switchover-to-009.run.json',
    'switchover-1000x.run.json',
    'report.html',
  ];

  it.each([
    ['is one above the highest, also that of a run that was interrupted', 'switchover', 5],
    ['does not count a scenario whose name begins alike', 'switchover-to', 10],
    ['is 1 where there is none', 'zombie', 1],
  ])('%s', (_, scenario, run) => {
    expect(nextRun(names, scenario)).toBe(run);
  });

  it.each(['a.b', '../up', 'a b', 'x'])('counts the files that scenario %s writes', (scenario) => {
    expect(nextRun([runFileName({ scenario, run: 1_234 }, 'final.jsonl')], scenario)).toBe(1_235);
  });
});
