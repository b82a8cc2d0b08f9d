import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { sampleRun, sampleRuns } from '../../test/support/sample.runs.js';
import { readRuns, writeRun } from '../results/results.directory.js';
import { reportDirectory } from './directory.report.js';

// Reports draw pictures for each run, and the machine may be shared.
jest.setTimeout(120_000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
});
afterEach(() => rm(folder, { recursive: true }));

const written = (name: string) => readFile(join(folder, name), 'utf8');

it('reads runs as they were written, ordered by scenario and number', async () => {
  const runs = sampleRuns();
  for (const run of runs) await writeRun(folder, run);
  const read = await readRuns(folder);
  expect(read.map(({ scenario, run }) => `${scenario} ${run}`)).toEqual([
    'packet-loss 1',
    'postmaster-kill 1',
    'postmaster-kill 2',
    'postmaster-kill 3',
    'switchover 1',
    'switchover 2',
    'switchover 3',
  ]);
  expect(read).toEqual(expect.arrayContaining(JSON.parse(JSON.stringify(runs))));
});

it('writes a page that loads nothing, a JUnit file and a summary', async () => {
  for (const run of sampleRuns()) await writeRun(folder, run);
  await reportDirectory(folder);
  const page = await written('report.html');
  expect(page).toContain('fail (flaky)');
  expect(page).toContain('this kernel has no nftables numgen');
  expect(page).toContain('sha256:0123456789abcdef');
  expect(page.match(/<svg/g)).toHaveLength(12);
  expect(page).not.toMatch(/<script|<link|<img|@import|\b(?:src|href)=/);
  const junit = await written('junit.xml');
  expect(junit).toContain('<testsuites tests="7" failures="1" errors="0" skipped="1">');
  expect(JSON.parse(await written('summary.json'))).toMatchObject([
    { scenario: 'packet-loss', runs: 0 },
    { scenario: 'postmaster-kill', runs: 3, passed: 2, flaky: true },
    { scenario: 'switchover', runs: 3, passed: 3, flaky: false },
  ]);
});

it('says in the JUnit file what was not judged', async () => {
  await writeRun(folder, {
    ...sampleRun('a', 1, 1_000),
    notJudged: [{ figure: 'divergentRows', reason: 'no members' }],
  });
  await reportDirectory(folder);
  expect(await written('junit.xml')).toContain('not judged: divergentRows: no members');
});

it('escapes every text of a run, in the page, its pictures and the XML', async () => {
  const evil = `<script>alert("1")</script>&'\u0000`;
  const run = sampleRun(evil, 1, 1_000);
  await writeRun(folder, {
    ...run,
    members: run.members.map((sample) => ({ ...sample, member: evil })),
    events: run.events.map((event) => ({ ...event, detail: evil, member: evil })),
    errorsByClass: { [evil]: 1 },
    examples: [{ check: evil, detail: evil }],
    http: { ...run.http, byStatus: { [evil]: 1 } },
    config: { patroni: { [evil]: evil }, images: { [evil]: evil }, versions: { [evil]: evil }, load: { evil } },
    verdict: { pass: false, reasons: [evil] },
  });
  await writeRun(folder, { schema: 1, scenario: evil, run: 2, startedAt: run.startedAt, skipped: evil });
  await reportDirectory(folder);
  const page = await written('report.html');
  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toContain('<script');
  const junit = await written('junit.xml');
  expect(junit.replaceAll(/<!\[CDATA\[[^]*?\]\]>/g, '')).not.toContain('<script');
  expect(junit).not.toContain('\u0000');
});

it('writes no file outside of the directory, whatever the name of a scenario', async () => {
  await writeRun(folder, { ...sampleRun('../../up', 1, 1_000) });
  expect(await readdir(folder)).toEqual(['-..-up-001.run.json']);
});

it('throws an error that names a file which is no run, and writes no report', async () => {
  await writeRun(folder, sampleRun('a', 1, 1_000));
  await writeFile(join(folder, 'b-001.run.json'), '{"schema":1}');
  await expect(reportDirectory(folder)).rejects.toThrow(/b-001\.run\.json is no run of this format/);
  expect(await readdir(folder)).not.toContain('report.html');
});

it('throws where there is no run to report', async () => {
  await expect(reportDirectory(folder)).rejects.toThrow('holds no runs');
});
