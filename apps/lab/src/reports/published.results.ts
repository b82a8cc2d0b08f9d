import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readRuns } from '../../../../libs/chaos/src/results/results.directory.js';
import type { RunFile } from '../../../../libs/chaos/src/results/run.result.js';

/** `about.json` beside the runs: what people write by hand, for no run knows it. */
const aboutSchema = z.strictObject({
  title: z.string().min(1),
  /** The command that measures again. */
  command: z.string().startsWith('scripts/lab chaos '),
  machine: z.string().min(1),
  note: z.string().min(1).optional(),
});

/** Published chaos runs: one folder below `docs/results/chaos`. */
export interface PublishedRuns extends z.infer<typeof aboutSchema> {
  /** Name of the folder. */
  readonly name: string;
  readonly runs: readonly RunFile[];
}

/** A published benchmark: one page of `docs/results`, as `npm run bench:NAME` wrote it. */
export interface PublishedBenchmark {
  readonly name: string;
  readonly title: string;
  readonly command: string;
  /** Cores and version of Node. */
  readonly machine: string;
  readonly commit: string;
  readonly date: string;
}

/** Everything that `docs/results` holds. */
export interface Published {
  readonly chaos: readonly PublishedRuns[];
  readonly benchmarks: readonly PublishedBenchmark[];
}

/** Name of the index page. */
export const indexName = 'README.md';

/**
 * Reads `docs/results`. Folders and pages are in alphabetical order.
 *
 * @throws ResultFormatError, ZodError or Error where a file is not of its format
 */
export async function readPublished(folder: string): Promise<Published> {
  const [folders, files] = await Promise.all([readdir(join(folder, 'chaos')), readdir(folder)]);
  const pages = files.filter((name) => name.endsWith('.md') && name !== indexName);
  const [chaos, benchmarks] = await Promise.all([
    Promise.all(folders.toSorted().map((name) => readFolder(folder, name))),
    Promise.all(pages.toSorted().map((page) => readBenchmark(folder, page))),
  ]);
  return { chaos, benchmarks };
}

async function readFolder(folder: string, name: string): Promise<PublishedRuns> {
  const path = join(folder, 'chaos', name);
  const about = aboutSchema.parse(JSON.parse(await readFile(join(path, 'about.json'), 'utf8')));
  return { ...about, name, runs: await readRuns(path) };
}

async function readBenchmark(folder: string, page: string): Promise<PublishedBenchmark> {
  return benchmarkOf(page.slice(0, -'.md'.length), await readFile(join(folder, page), 'utf8'));
}

/**
 * Reads the first lines of a benchmark's page.
 *
 * @throws Error where they differ from what `libs/chaos/bench` writes
 */
export function benchmarkOf(name: string, text: string): PublishedBenchmark {
  const [, title, command, machine, commit, date] =
    /^# (.+)\n\n`(.+)` on (.+), commit ([\da-f]+), (\d{4}-\d\d-\d\d)\.\n/.exec(text) ?? [];
  if (!title || !command || !machine || !commit || !date) throw new Error(`${name}.md does not say what was measured`);
  return { name, title, command, machine, commit, date };
}
