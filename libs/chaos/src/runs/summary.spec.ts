import { describe, expect, it } from '@jest/globals';
import { sampleRun, sampleRuns } from '../../test/support/sample.runs.js';
import { isSkipped } from '../results/run.result.js';
import { alertTable, notJudgedTable, seconds, spreadTable, verdictTable, verdictWord } from './summary.js';

const mostColumns = 150;
const runs = sampleRuns();

/** Names as long as the catalogue's longest, gaps of a minute, twenty runs of which some failed. */
const wide = Array.from({ length: 20 }, (_, index) => ({
  ...sampleRun('mutation-unkeyed-retries', index + 1, 1_000),
  gaps: { http: { writeMs: 61_234, readMs: 61_234 }, sql: { writeMs: 61_234, readMs: 61_234 } },
  acked: 600_000,
  http: { requests: 900_000, failed: 100_000, byStatus: {} },
  verdict: { pass: index > 0, reasons: index > 0 ? [] : ['SQL write gap is 61234 ms, expected at most 3000'] },
}));

describe('The verdict table', () => {
  it('has a line for each run, and one for each reason of those that failed or were skipped', () => {
    const reasons = runs.flatMap((run) => (isSkipped(run) ? [run.skipped] : run.verdict.reasons));
    const lines = verdictTable(runs).split('\n');
    expect(lines).toHaveLength(1 + runs.length + reasons.length);
    for (const reason of reasons) expect(lines).toContain(`    ${reason}`);
  });

  it('says why a run failed or was skipped in the line below it', () => {
    const lines = verdictTable(runs).split('\n');
    for (const run of runs.filter((file) => verdictWord(file) !== 'pass')) {
      const at = lines.findIndex((line) => new RegExp(`^${run.scenario} +${run.run} +${verdictWord(run)}`).test(line));
      expect(lines[at + 1]?.trim()).toBe(isSkipped(run) ? run.skipped : run.verdict.reasons[0]);
    }
  });

  it('is followed by what was not judged, each reason once', () => {
    const notJudged = [{ figure: 'divergentRows', reason: 'no members' }];
    const two = [1, 2].map((run) => ({ ...sampleRun('a', run, 1_000), notJudged }));
    expect(notJudgedTable(two)?.split('\n').slice(1)).toEqual(['  divergentRows  no members']);
    expect(notJudgedTable(runs)).toBeUndefined();
  });

  it('is followed by one of the alerts, where they were watched', () => {
    const alerts = {
      raised: [
        { alert: 'WritesHeld', firedAfterSeconds: 10.8, clearedAfterSeconds: -9.5, expected: 'possible' as const },
        { alert: 'MemberDown', firedAfterSeconds: 33, clearedAfterSeconds: null, expected: 'yes' as const },
      ],
      problems: [],
    };
    const watched = [
      { ...sampleRun('a', 1, 1_000), alerts },
      { ...sampleRun('b', 1, 1_000), alerts: { raised: [], problems: [] } },
    ];
    expect(
      alertTable(watched)
        ?.split('\n')
        .map((line) => line.split(/ {2,}/).filter(Boolean)),
    ).toEqual([
      ['scenario', 'alert', 'fires after s', 'clears after s', 'expected'],
      ['a', 'WritesHeld', '10.8', '-9.5', 'possible'],
      ['MemberDown', '33', 'not', 'yes'],
      ['b', 'none'],
    ]);
    expect(alertTable(runs)).toBeUndefined();
  });

  it('shows the gaps of both channels, each under its name', () => {
    const gaps = { sql: { writeMs: 1_000, readMs: 2_000 }, http: { writeMs: 3_000, readMs: null } };
    const [head, line] = verdictTable([{ ...sampleRun('a', 1, 1_000), gaps }]).split('\n');
    expect(head).toMatch(/SQL write gap +SQL read gap +HTTP write gap +HTTP read gap/);
    expect(line).toMatch(/1\.00 s +2\.00 s +3\.00 s +– /);
  });

  it('has no number of failed requests where there is no service', () => {
    const http = { requests: 0, failed: 0, byStatus: {} };
    const notJudged = [{ figure: 'httpFailed', reason: 'no service' }];
    const [, line] = verdictTable([{ ...sampleRun('a', 1, 1_000), http, notJudged }]).split('\n');
    expect(line).toMatch(/ –$/);
  });

  it('fits a terminal', () => {
    for (const line of verdictTable(wide).split('\n')) expect(line.length).toBeLessThanOrEqual(mostColumns);
  });
});

describe('The spread table', () => {
  it('has a line for each scenario, and says which was skipped or flaky', () => {
    const lines = spreadTable(runs).split('\n').slice(2);
    expect(lines).toHaveLength(new Set(runs.map(({ scenario }) => scenario)).size);
    expect(lines).toEqual([
      expect.stringMatching(/^switchover +3\/3  /),
      expect.stringMatching(/^postmaster-kill +2\/3 flaky  /),
      expect.stringMatching(/^packet-loss +skipped +– +– +– +–$/),
    ]);
  });

  it('shows how long a restore took, and healing, where something was restored', () => {
    const recovered = {
      disasterMs: 1,
      disasterEndedMs: 2,
      findMs: 1_000,
      filesMs: 2_000,
      walMs: 500,
      rtoMs: 3_500,
      stopped: 'before commit of transaction 7',
      timelines: [1],
      acknowledgedBefore: 10,
      missing: 0,
      extra: 0,
      inFlight: 0,
      restoredRows: 10,
    };
    const at = { faultAt: '2026-11-27T18:00:00.000Z', healedAt: '2026-11-27T18:00:28.000Z' };
    const [, head, line] = spreadTable([{ ...sampleRun('a', 1, 1_000), ...at, recovery: recovered }]).split('\n');
    expect(head).toMatch(/restored in +healed after$/);
    expect(line).toMatch(/3\.50\/3\.50\/3\.50\/3\.50 +28\.00\/28\.00\/28\.00\/28\.00$/);
    expect(spreadTable(runs)).not.toContain('restored in');
  });

  it('shows the gaps of both channels, each under its name', () => {
    const [first, second] = [1_000, 4_000].map((ms, index) => ({
      ...sampleRun('a', index + 1, 1_000),
      gaps: { sql: { writeMs: ms, readMs: ms + 1_000 }, http: { writeMs: ms + 2_000, readMs: ms + 3_000 } },
    }));
    const [, head, line] = spreadTable([first!, second!]).split('\n');
    expect(head).toMatch(/SQL write gap +SQL read gap +HTTP write gap +HTTP read gap/);
    expect(line).toMatch(
      /1\.00\/1\.00\/4\.00\/4\.00 +2\.00\/2\.00\/5\.00\/5\.00 +3\.00\/3\.00\/6\.00\/6\.00 +4\.00\/4\.00\/7\.00\/7\.00/,
    );
  });

  it('fits a terminal', () => {
    for (const line of spreadTable(wide).split('\n')) expect(line.length).toBeLessThanOrEqual(mostColumns);
  });
});

describe('seconds', () => {
  it('shows a dash for what was not measured', () => {
    expect([seconds(null), seconds(1_234)]).toEqual(['–', '1.23 s']);
  });
});
