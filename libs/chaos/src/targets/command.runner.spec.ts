import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '../../../cluster/src/wait.js';
import { CommandError, runCommand, type CommandRun } from './command.runner.js';
import type { Command } from './command.words.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Enough to find programs. */
const environment = { PATH: '/usr/local/bin:/usr/bin:/bin' };
const members = { leader: 'pg-a', replica: 'pg-b', replicas: 'pg-b pg-c' };
const run = (command: Command, changes: Partial<CommandRun> = {}) =>
  runCommand(command, { members, timeoutMs: 5_000, folder, environment, ...changes });

describe('Running a command', () => {
  it('happens in the folder of the target file, with the names of members', async () => {
    await run('echo "$LEADER, $REPLICAS" > said');
    await run(['cp', 'said', '{leader}']);
    expect(await readFile(join(folder, 'pg-a'), 'utf8')).toBe('pg-a, pg-b pg-c\n');
  });

  it.each<[string, Command, RegExp]>([
    ['a status that is not 0', 'echo no such container >&2; exit 3', /ended with 3: no such container$/],
    ['the first line that fails', 'false; echo not reached', /ended with 1$/],
    ['a program that is not there', ['no-such-program'], /no-such-program spawn no-such-program ENOENT/],
    ['a signal', 'kill -KILL $$', /ended with SIGKILL$/],
  ])('fails by %s, and says which command it was', async (_, command, words) => {
    const error: unknown = await run(command).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as Error).message).toMatch(words);
  });

  it('ends after its time, with everything that it has started', async () => {
    const late = run('(sleep 1; touch late) & wait', { timeoutMs: 200 });
    await expect(late).rejects.toThrow('was not over within 0.2 s');
    await pause(1_200);
    expect(existsSync(join(folder, 'late'))).toBe(false);
  });

  it('ends with its command, whatever that has left running with the same output', async () => {
    const startedMs = performance.now();
    await run('echo $$ > pid; sleep 60 & exit 0');
    const tookMs = performance.now() - startedMs;
    process.kill(-Number(await readFile(join(folder, 'pid'), 'utf8')), 'SIGKILL');
    expect(tookMs).toBeLessThan(2_000);
  });

  it('says the status of a command that failed and has left something running', async () => {
    const failed = run('echo $$ > pid; echo no lease >&2; sleep 60 & exit 3');
    await expect(failed).rejects.toThrow(/ended with 3: no lease$/);
    process.kill(-Number(await readFile(join(folder, 'pid'), 'utf8')), 'SIGKILL');
  });

  it('ends when it is called off', async () => {
    const off = new AbortController();
    const running = run('sleep 5', { signal: off.signal });
    setTimeout(() => off.abort(), 100);
    await expect(running).rejects.toThrow('was called off');
  });
});
