import { describe, expect, it } from '@jest/globals';
import { nextRun, runFileName } from './results.directory.js';

describe('The next run of a scenario', () => {
  const names = [
    'switchover-001.run.json',
    'switchover-003.run.json',
    'switchover-004.history.jsonl',
    'switchover-to-009.run.json',
    'switchover-1000x.run.json',
    'report.html',
  ];

  it.each([
    ['goes on after the highest, a run that was cut short included', 'switchover', 5],
    ['is not counted by a name that begins alike', 'switchover-to', 10],
    ['is the first where there was none', 'zombie', 1],
  ])('%s', (_, scenario, run) => {
    expect(nextRun(names, scenario)).toBe(run);
  });

  it.each(['a.b', '../up', 'a b', 'x'])('is found by the name that %s is kept under', (scenario) => {
    expect(nextRun([runFileName({ scenario, run: 1_234 }, 'final.jsonl')], scenario)).toBe(1_235);
  });
});
