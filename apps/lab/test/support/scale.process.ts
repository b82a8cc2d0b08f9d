import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { checkRun } from '../../src/checkers/check.js';
import type { MemberState } from '../../src/history/final.state.js';
import { readFinalState, readHistory, writeFinalState } from '../../src/history/history.file.js';
import { blockOperations } from './scale.js';
import { simulate } from './simulation.js';

/**
 * `write FOLDER BLOCKS` puts a long run together from blocks of operations, one after the other, each on rows of its
 * own; `check FOLDER` reads and judges it, and prints what that took.
 */
const [command, folder, blocks] = process.argv.slice(2);
const historyPath = `${folder}/history.jsonl`;
const finalPath = `${folder}/final.jsonl`;

async function write(): Promise<void> {
  const run = simulate({ operations: blockOperations, seed: 1, faultMs: 60_000, sessions: 100 });
  const members = run.final.members.map((member) => ({ ...member, unique: new Map(), shared: new Map() }));
  const file = createWriteStream(historyPath);
  for (let block = 0; block < Number(blocks); block += 1) {
    const lines: string[] = [];
    const startMs = block * run.durationMs;
    for (const operation of run.history) {
      const { id, key, invokedMs, endedMs } = operation;
      const moved = {
        id: id + block * blockOperations,
        key: `${block}-${key}`,
        invokedMs: invokedMs + startMs,
        endedMs: endedMs + startMs,
      };
      lines.push(`${JSON.stringify({ ...operation, ...moved })}\n`);
    }
    if (!file.write(lines.join(''))) await once(file, 'drain');
    run.final.members.forEach(({ unique, shared }, index) => {
      for (const [key, count] of unique) members[index]!.unique.set(`${block}-${key}`, count);
      for (const [key, value] of shared) members[index]!.shared.set(`${block}-${key}`, value);
    });
  }
  file.end();
  await once(file, 'close');
  const leader: MemberState = members.find(({ role }) => role === 'leader')!;
  await writeFinalState(finalPath, { leader, members, unreadable: [] });
}

async function check(): Promise<void> {
  const record = { history: await readHistory(historyPath), final: await readFinalState(finalPath), events: [] };
  const { samples: _samples, ...findings } = checkRun(record);
  const { user, system } = process.cpuUsage();
  const peakBytes = process.resourceUsage().maxRSS * 1_024;
  console.log(JSON.stringify({ findings, cpuMs: (user + system) / 1_000, peakBytes }));
}

await (command === 'write' ? write() : check());
