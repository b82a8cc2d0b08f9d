import { describe, expect, it } from '@jest/globals';
import { sampleRun } from '../../test/support/sample.runs.js';
import { htmlReport } from './html.report.js';

const run = sampleRun('switchover', 1, 1_000);
const skipped = {
  schema: 1,
  scenario: 'disk-full',
  run: 1,
  startedAt: run.startedAt,
  skipped: 'no file system',
} as const;

/** The page as text: one line for each row, cells apart, and runs of spaces as one. */
const textOf = (...files: Parameters<typeof htmlReport>[0]) =>
  htmlReport(files)
    .replaceAll(/<svg[^]*?<\/svg>/g, '')
    .replaceAll(/<\/(?:td|th|dt|dd)>/g, ' | ')
    .replaceAll(/<br \/>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');

describe('htmlReport', () => {
  it('names the channel of every gap', () => {
    const gaps = { sql: { writeMs: 1_001, readMs: 1_002 }, http: { writeMs: 1_003, readMs: 5_004 } };
    const page = textOf({ ...run, gaps });
    expect(page).toContain('SQL write gap, p95 | SQL read gap, p95 | HTTP write gap, p95 | HTTP read gap, p95 |');
    expect(page).toContain('1/1 | 1001 | 1002 | 1003 | 5004 |');
    expect(page).toContain(
      'SQL write gap | SQL read gap | HTTP write gap | HTTP read gap | rejoin | restored in | healed after |',
    );
    expect(page).toContain('SQL writes | 1001 | SQL reads | 1002 | HTTP writes | 1003 | HTTP reads | 5004 |');
  });

  it('shows rows of unknown outcome that are there beside the ghosts', () => {
    const page = textOf({ ...run, ghosts: 3, unknownPresent: 4 });
    expect(page).toContain('ghosts | unknown, and there | dupli\u00adcates |');
    expect(page).toContain('ghosts | 3 | unknown, and there | 4 |');
  });

  it('shows a skipped run with its reason and without figures, in the verdicts and in the runs', () => {
    const page = textOf(run, skipped);
    expect(page).toContain('1 of 1 runs passed, 1 skipped; 0 of 2 scenarios flaky');
    expect(page).toContain('disk-full | skipped | no file system |');
    expect(page).toContain('disk-full, run 1: skipped, no file system');
  });

  it('says that runs were skipped, also where the scenario passed', () => {
    expect(textOf(run, { ...skipped, scenario: run.scenario, run: 2 })).toContain('| pass, some skipped |');
  });

  it('has no number for what was not judged, and says why', () => {
    const page = textOf({ ...run, notJudged: [{ figure: 'divergentRows', reason: 'no members' }] });
    expect(page).toContain('| 0 | not judged |');
    expect(page).toContain('divergent rows | not judged |');
    expect(page).toContain('switchover, not judged: divergentRows: no members');
  });

  it('has no number of failed requests where there is no service', () => {
    const http = { requests: 0, failed: 0, byStatus: {} };
    const page = textOf({ ...run, http, notJudged: [{ figure: 'httpFailed', reason: 'no service' }] });
    expect(page).not.toContain('0 of 0');
    expect(page).toContain('HTTP requests | 0 | HTTP failed | not judged |');
  });

  it('names a flaky scenario, with the reasons of the runs that failed', () => {
    const page = textOf(run, { ...run, run: 2, verdict: { pass: false, reasons: ['lost is 1, expected at most 0'] } });
    expect(page).toContain('1 of 2 runs passed, 0 skipped; 1 of 1 scenarios flaky');
    expect(page).toContain('| fail (flaky) | 1/2 |');
    expect(page).toContain('switchover, run 2: lost is 1, expected at most 0');
  });

  it('lets cells of the verdict table break, and repeats the name of each figure for a phone, which has no header row', () => {
    const page = htmlReport([run]);
    const [, table = ''] = /<div class="verdicts">([^]*?)<\/table>/.exec(page) ?? [];
    const figures = [...table.matchAll(/<td(?! class="verdict")([^>]*)>/g)].map(([, attributes = '']) => attributes);
    const names = figures.map((attributes) => /data-name="([^"]*)"/.exec(attributes)?.[1]);
    const heads = [...table.matchAll(/<th>([^<]*)<\/th>/g)].map(([, name]) => name);
    expect(names).toEqual(heads.slice(2, -1));
    expect(names).toContain('HTTP failed');
    expect(page).toMatch(/\.verdicts th, \.verdicts td \{[^}]*white-space: normal/);
    const [, phone = ''] = /@media \(max-width: 640px\) \{([^]*?)\n\}/.exec(page) ?? [];
    expect(phone).toContain('.verdicts thead { display: none; }');
    expect(phone).toMatch(/\.verdicts td\[data-name\]::before \{ content: attr\(data-name\)/);
  });

  it('shows stale reads by age for each consistency, without ages that no read had', () => {
    const stale = (counts: readonly number[]) => ({
      reads: 100,
      stale: counts.reduce((sum, count) => sum + count),
      ageMs: { p50: null, p99: null, max: null },
      histogram: counts.map((count, index) => ({
        fromMs: index * 10,
        toMs: index === 2 ? null : index * 10 + 10,
        count,
      })),
    });
    expect(textOf({ ...run, staleness: { eventual: stale([0, 7, 0]), replica: stale([0, 0, 9]) } })).toContain(
      'Stale reads by age in ms | eventual | replica | 10 to 20 | 7 | 0 | 20 or more | 0 | 9 |',
    );
    expect(textOf({ ...run, staleness: { eventual: stale([0, 0, 0]) } })).not.toContain('Stale reads by age');
  });

  it('draws the axis of an hour in minutes, says how many seconds a point stands for, and labels no joined markers', () => {
    const hour = 3_720;
    const second = { ...run.samples[0]! };
    const page = htmlReport([
      {
        ...run,
        durationMs: hour * 1_000 + 223.3422,
        samples: Array.from({ length: hour }, (_, index) => ({ ...second, second: index })),
        events: Array.from({ length: 80 }, (_, index) => ({
          atMs: index * 46_000,
          kind: 'fault' as const,
          source: 'chaos' as const,
          detail: 'leader-kill',
        })),
      },
    ]);
    const labels = [...page.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, label]) => label!);
    expect(labels).toEqual(expect.arrayContaining(['0:00', '10:00', '60:00', 'succeeded per second, least in 10 s']));
    expect(labels.filter((label) => /\d\.\d{3,}/.test(label))).toEqual([]);
    expect(labels.filter((label) => /^(?:[A-Z]\d*){2,}$/.test(label))).toEqual([]);
    expect(page).toContain('<b>B4</b> 60:34.00 fault leader-kill');
  });
});
