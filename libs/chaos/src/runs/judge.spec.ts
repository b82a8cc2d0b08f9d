import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { simulate } from '../../test/support/simulation.js';
import { assembleRun } from '../assembly/run.assembly.js';
import { writeFinalState } from '../history/history.file.js';
import { runFileName, writeRun } from '../results/results.directory.js';
import type { RunResult } from '../results/run.result.js';
import { judgeAgain } from './judge.js';
import { demandsOf, scenarioOf } from './scenario.js';

let folder: string;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-'));
  said = [];
});
afterEach(() => rm(folder, { recursive: true }));

const simulated = simulate({ operations: 400, seed: 1, faultMs: 300, outageMs: 200 });

/** Writes a run as `chaos run` does. @returns its result */
async function keep(scenario: string, trouble: readonly string[] = []): Promise<RunResult> {
  const startedAt = new Date(Date.UTC(2026, 10, 20));
  const config = { patroni: {}, images: {}, versions: {} };
  const identity = { scenario, run: 1, seed: 1, startedAt, durationMs: simulated.durationMs, config, trouble };
  const result = assembleRun(identity, simulated, simulated.members, demandsOf(scenarioOf('leader-kill')!));
  const path = (kind: string) => join(folder, runFileName(result, kind));
  const lines = simulated.history.map((operation) => JSON.stringify(operation));
  await writeFile(path('history.jsonl'), lines.join('\n'));
  await writeFinalState(path('final.jsonl'), simulated.final);
  await writeRun(folder, result);
  return result;
}

const kept = async (run: RunResult): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, runFileName(run)), 'utf8'));
const judge = () => judgeAgain(folder, (line) => said.push(line));
const asKept = (run: RunResult): unknown => JSON.parse(JSON.stringify(run));

describe('Judging a folder again', () => {
  it('gives the same result for the same record', async () => {
    const run = await keep('leader-kill', ['healing: no answer']);
    expect(run.verdict).toEqual({ pass: false, reasons: ['healing: no answer'] });
    await judge();
    expect(await kept(run)).toEqual(asKept(run));
    expect(said).toEqual([]);
  });

  it('replaces the findings of earlier checkers', async () => {
    const run = await keep('leader-kill');
    await writeRun(folder, { ...run, lost: 7, verdict: { pass: false, reasons: ['lost is 7, expected at most 0'] } });
    await judge();
    expect(await kept(run)).toEqual(asKept(run));
  });

  it('judges a run by the present bounds of its scenario', async () => {
    const run = await keep('standby-kill');
    expect(run.verdict.pass).toBe(true);
    await judge();
    expect(await kept(run)).toMatchObject({
      verdict: { pass: false, reasons: expect.arrayContaining(['a failover: timeline 1 became 2']) },
    });
  });

  it('leaves skipped runs, unknown scenarios and runs without a history as they are, and says so', async () => {
    const bare = { ...(await keep('leader-kill')), lost: 7 };
    await rm(join(folder, runFileName(bare, 'history.jsonl')));
    await writeRun(folder, bare);
    const unknown = { ...(await keep('once')), lost: 7 };
    await writeRun(folder, unknown);
    const skipped = { schema: 1, scenario: 'zombie', run: 1, startedAt: bare.startedAt, skipped: 'no' } as const;
    await writeRun(folder, skipped);
    expect(await judge()).toEqual([asKept(bare), asKept(unknown), skipped]);
    expect(await kept(bare)).toEqual(asKept(bare));
    expect(said).toEqual([
      'leader-kill 1 stays as it is: its history was not kept',
      'once 1 stays as it is: there is no such scenario any more',
    ]);
  });
});
