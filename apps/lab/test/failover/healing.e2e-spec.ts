import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript } from '../../../../libs/chaos/test/support/script.js';
import { containerOf, docker } from '../../../../libs/chaos/test/support/docker.js';
import { lab as settings, openLab } from '../../../../libs/chaos/test/support/settings.js';
import { until, within } from '../../../../libs/cluster/src/wait.js';
import { deleteRows } from '../../../../libs/chaos/src/load/final.state.reader.js';
import { startChaos, type ChaosProcess } from '../support/chaos.process.js';

const journal = `.lab/chaos-${settings.project}.json`;
/** Bounds the start of the tool, its load before the fault, and the injection. */
const faultBoundMs = 30_000;
/** Bounds the start of the tool, and the time until the dead member streams again. */
const healedBoundMs = 120_000;
const leavingBoundMs = 20_000;
const setUpBoundMs = 240_000;

/** The first run is killed while a standby is dead. The next run heals, and is interrupted before it breaks anything. */
describe('A chaos run that is ended', () => {
  const lab = openLab();
  const running: ChaosProcess[] = [];
  let folder: string;
  let victim: string;
  let next: ChaosProcess;
  let healed: string[];
  let lives: string[];
  let livesAfter: string[];
  let status: number | null;
  let journalIsLeft: boolean;

  const start = () => {
    const chaos = startChaos('run', 'standby-kill', '--out', folder);
    running.push(chaos);
    return chaos;
  };

  beforeAll(async () => {
    await lab.waitHealthy(healedBoundMs);
    folder = await mkdtemp(join(tmpdir(), 'healing-'));

    const killed = start();
    victim = await until({ what: 'a standby is dead', boundMs: faultBoundMs, everyMs: 50 }, async () => {
      const dead = await deadByJournal();
      const containers = dead === undefined ? [] : await lab.containers.list();
      return containers.find(({ service, status: is }) => service === dead && is === 'exited')?.service;
    });
    killed.kill('SIGKILL');
    await killed.ended;

    next = start();
    await next.saying('standby-kill: baseline', healedBoundMs);
    healed = (await lab.containers.list()).filter(({ status: is }) => is === 'running').map(({ service }) => service);
    lives = await startTimes();
    next.kill('SIGINT');
    status = await within(leavingBoundMs, 'chaos heals and leaves', next.ended);
    livesAfter = await startTimes();
    journalIsLeft = existsSync(journal);
  }, setUpBoundMs);

  afterAll(async () => {
    for (const chaos of running) chaos.kill('SIGKILL');
    await runScript('lab', 'chaos', 'heal');
    await lab.waitHealthy(healedBoundMs);
    // Removes the rows of the run that was killed.
    await deleteRows(lab, 'chaos-');
    await rm(journal, { force: true });
    await rm(folder, { recursive: true, force: true });
  }, setUpBoundMs);

  it('by SIGKILL is healed by the next run, before that begins', () => {
    expect(next.said()).toContain('healing what an earlier run left broken: start');
    expect(healed).toContain(victim);
  });

  it('by Ctrl-C before its fault has the exit status 130', () => {
    expect(status).toBe(130);
  });

  it('by Ctrl-C before its fault breaks nothing, and leaves nothing to heal', () => {
    expect(livesAfter).toEqual(lives);
    expect(journalIsLeft).toBe(false);
  });
});

/** The member that the journal names as one to start again. */
async function deadByJournal(): Promise<string | undefined> {
  const content = await readFile(journal, 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  const { undo } = JSON.parse(content) as { undo: { kind: string; service?: string }[] };
  return undo.find(({ kind }) => kind === 'start')?.service;
}

/** State and start time of each member. They also show a member that was killed and is back. */
async function startTimes(): Promise<string[]> {
  const format = '{{.State.Status}} {{.State.StartedAt}}';
  return Promise.all(openLab().members.map((member) => docker(['inspect', '-f', format, containerOf(member)])));
}
