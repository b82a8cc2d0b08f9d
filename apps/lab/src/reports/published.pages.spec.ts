import { readdirSync } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readRuns } from '../../../../libs/chaos/src/results/results.directory.js';
import { sampleRun } from '../../../../libs/chaos/test/support/sample.runs.js';
import { artifactsFolder } from '../../../../libs/chaos/test/support/settings.js';
import { reportDirectory } from '../../../../libs/chaos/src/reports/directory.report.js';
import { figuresChart, repeatedRows, singleRows } from './figures.chart.js';
import { publishedPages } from './published.pages.js';
import { benchmarkOf, type PublishedRuns } from './published.results.js';
import { resultsPage } from './results.page.js';

// The tests read hundreds of files, and the machine may be shared.
jest.setTimeout(120_000);

const folder = fileURLToPath(new URL('../../../../docs/results/', import.meta.url));
const kept = (name: string) => readFile(join(folder, name), 'utf8');

const about = { title: 'Some runs', command: 'scripts/lab chaos run a', machine: '2 cores' };
const published = (name: string, runs: PublishedRuns['runs']): PublishedRuns => ({ ...about, name, runs });
const skipped = {
  schema: 1,
  scenario: 'c',
  run: 1,
  startedAt: '2026-11-20T13:00:00.000Z',
  skipped: 'no disks',
} as const;

describe('docs/results', () => {
  let pages: ReadonlyMap<string, string>;
  beforeAll(async () => {
    pages = await publishedPages(folder);
  });

  it('has the index, the picture and the summaries that `npm run docs` makes from the published runs', async () => {
    const stale: string[] = [];
    for (const [name, text] of pages) if ((await kept(name)) !== text) stale.push(name);
    expect(pages.size).toBeGreaterThan(2);
    expect(stale).toEqual([]);
  });

  it.each(readdirSync(join(folder, 'chaos')))(
    'has the runs from which the page of %s is made; the page is kept in test-artifacts/published',
    async (name) => {
      const copy = join(artifactsFolder, 'published', name);
      await rm(copy, { recursive: true, force: true });
      await cp(join(folder, 'chaos', name), copy, { recursive: true });
      await reportDirectory(copy);
      const measured = (await readRuns(copy)).filter((run) => !('skipped' in run));
      expect((await readFile(join(copy, 'report.html'), 'utf8')).match(/<svg/g)).toHaveLength(2 * measured.length);
      expect(await readFile(join(copy, 'summary.json'), 'utf8')).toBe(await kept(`chaos/${name}/summary.json`));
    },
  );
});

describe('The index', () => {
  it('says for each folder when, on what and how it was measured, and which runs failed or were skipped', () => {
    const failed = { ...sampleRun('b', 2, 900), verdict: { pass: false, reasons: ['lost is 1, expected at most 0'] } };
    const runs = published('f', [sampleRun('a', 1, 1_000), failed, skipped]);
    const page = resultsPage({ chaos: [{ ...runs, note: 'A note.' }], benchmarks: [] }, 'x.svg');
    expect(page).toContain('![Time without writes and reads, repeated runs and every fault once](x.svg)');
    expect(page).toMatch(/^\| \[Some runs\]\(chaos\/f\) \| 2026-11-20 \S+( to \S+)? \| 1 of 2 \| /m);
    expect(page).toMatch(
      /^- \*\*f\*\*: `scripts\/lab chaos run a`; 2 cores; PostgreSQL .*, Patroni .* operations a second by .* clients\.$/m,
    );
    expect(page).toContain('\n  - `b`, run 2, did not pass: lost is 1, expected at most 0.\n');
    expect(page).toContain('\n  - `c` was skipped: no disks.\n  - A note.\n');
  });

  it('takes title, command, machine, commit and date from the page of a benchmark', () => {
    const page =
      '# Reads: what it costs\n\n`npm run bench:reads` on 2 cores, Node v20.20.2, commit aaa9522, 2026-11-20.\n\nMore.\n';
    expect(benchmarkOf('reads', page)).toEqual({
      name: 'reads',
      title: 'Reads: what it costs',
      command: 'npm run bench:reads',
      machine: '2 cores, Node v20.20.2',
      commit: 'aaa9522',
      date: '2026-11-20',
    });
  });

  it('throws on a page that does not say what was measured', () => {
    expect(() => benchmarkOf('reads', '# Reads\n\nFast.\n')).toThrow('does not say what was measured');
  });
});

describe('The picture', () => {
  const gap = (scenario: string, run: number, sqlMs: number | null, httpMs: number | null) => ({
    ...sampleRun(scenario, run, 1_000),
    gaps: { sql: { writeMs: sqlMs, readMs: 100 }, http: { writeMs: httpMs, readMs: 300 } },
  });
  const repeated = published('day', [
    ...[1_000, 3_000, 2_000].map((ms, index) => gap('b', index + 1, ms, ms)),
    gap('mutation-x', 1, 1, 1),
    gap('mutation-x', 2, 1, 1),
    gap('a', 1, 500, 500),
  ]);
  const once = published('once', [gap('b', 1, 2_500, 2_000), gap('a', 1, null, 800), skipped]);

  it('has a row for each repeated scenario, with median and p95', () => {
    expect(repeatedRows([repeated, once])).toEqual([
      {
        label: 'b (day, 3 runs)',
        bars: [
          {
            kind: 'write',
            fromMs: 1_000,
            medianMs: 2_000,
            toMs: 3_000,
            mostMs: 3_000,
            text: 'median 2.00 s, p95 3.00 s',
          },
        ],
      },
    ]);
  });

  it('has a row for each scenario of a folder without repetitions, with the longer gap of SQL and HTTP', () => {
    const bar = (kind: string, ms: number, text: string) => ({ kind, fromMs: 50, toMs: ms, mostMs: ms, text });
    expect(singleRows([repeated, once])).toEqual([
      { label: 'b', bars: [bar('write', 2_500, '2.50 s'), bar('read', 300, '0.30 s')] },
      { label: 'a', bars: [bar('write', 800, '0.80 s'), bar('read', 300, '0.30 s')] },
    ]);
  });

  it('is the same text each time, and refers to no other file', () => {
    const svg = figuresChart([repeated, once]);
    expect(figuresChart([repeated, once])).toBe(svg);
    expect(svg).toContain('>median 2.00 s, p95 3.00 s<');
    expect(svg).not.toMatch(/<script|<image|@import|\bhref=/);
  });
});
