import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type RunFile, runFileSchema } from './run.result.js';

const ending = '.run.json';

/** A file of a results directory is no run of this format. */
export class ResultFormatError extends Error {
  constructor(path: string, reason: string, cause: unknown) {
    super(`${path} is no run of this format: ${reason}`, { cause });
    this.name = 'ResultFormatError';
  }
}

/** How the names of a scenario's files begin. The scenario's name may contain anything, so other characters are replaced. */
const beginning = (scenario: string): string => `${scenario.replaceAll(/[^\w.-]+/g, '-').replace(/^\.+/, '')}-`;

/**
 * The name of a file of a run.
 *
 * @param kind @default the JSON file of the result
 */
export const runFileName = ({ scenario, run }: Pick<RunFile, 'scenario' | 'run'>, kind = 'run.json'): string =>
  `${beginning(scenario)}${String(run).padStart(3, '0')}.${kind}`;

/**
 * The number for the next run of a scenario in a directory: one above the highest, so that no run overwrites an earlier one.
 *
 * @param names all file names of the directory; any file that an earlier run left counts
 */
export function nextRun(names: readonly string[], scenario: string): number {
  const start = beginning(scenario);
  const runs = names.map((name) => (name.startsWith(start) ? /^\d{3,}(?=\.)/.exec(name.slice(start.length)) : null));
  return 1 + Math.max(0, ...runs.map((run) => Number(run?.[0] ?? 0)));
}

/** Writes the JSON file of a run. @returns its path */
export async function writeRun(directory: string, run: RunFile): Promise<string> {
  const path = join(directory, runFileName(run));
  await writeFile(path, `${JSON.stringify(run)}\n`);
  return path;
}

/**
 * Reads all runs of a directory (`*.run.json`), ordered by scenario and number. One broken file is an error, so that no report
 * leaves out a run.
 *
 * @throws ResultFormatError with the name of the file and what is wrong in it
 */
export async function readRuns(directory: string): Promise<RunFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(ending));
  const runs = await Promise.all(names.map((name) => readRun(join(directory, name))));
  return runs.toSorted((a, b) => a.scenario.localeCompare(b.scenario) || a.run - b.run);
}

async function readRun(path: string): Promise<RunFile> {
  const text = await readFile(path, 'utf8');
  try {
    return runFileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ResultFormatError(path, error instanceof z.ZodError ? z.prettifyError(error) : String(error), error);
  }
}
