import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { checkRun } from '../../src/checkers/check.js';
import type { MemberState } from '../../src/history/final.state.js';
import type { Operation } from '../../src/history/operation.js';
import { readFinalState, readHistory, writeFinalState } from '../../src/history/history.file.js';
import { blockOperations } from './scale.js';
import { simulate, type SimulatedRun } from './simulation.js';

/**
 * `write FOLDER BLOCKS…` writes a long run for each number of blocks. Each block of operations creates rows of its own, and
 * continues the shared rows and the timelines of the block before. `check FOLDER BLOCKS` reads and judges the run of so many
 * blocks, and prints the findings, processor time and memory.
 */
const [command, folder, ...lengths] = process.argv.slice(2);
const historyPath = (blocks: number) => `${folder}/${blocks}.history.jsonl`;
const finalPath = (blocks: number) => `${folder}/${blocks}.final.jsonl`;
/** The fault is in the middle of a block. */
const faultMs = 25_000;
/** A block has one timeline before its failover and one after it. */
const timelinesOfBlock = 2;

async function write(run: SimulatedRun, blocks: number): Promise<void> {
  const members = run.final.members.map((member) => ({ ...member, unique: new Map(), shared: new Map() }));
  const file = createWriteStream(historyPath(blocks));
  for (let block = 0; block < blocks; block += 1) {
    const lines: string[] = [];
    for (const operation of run.history) lines.push(`${JSON.stringify(inBlock(operation, block, run))}\n`);
    if (!file.write(lines.join(''))) await once(file, 'drain');
    run.final.members.forEach(({ unique, shared }, index) => {
      for (const [key, count] of unique) members[index]!.unique.set(`${block}-${key}`, count);
      for (const key of shared.keys()) members[index]!.shared.set(key, sharedAfter(key, block, run) ?? 0);
    });
  }
  file.end();
  await once(file, 'close');
  const leader: MemberState = members.find(({ role }) => role === 'leader')!;
  await writeFinalState(finalPath(blocks), { leader, members, unreadable: [] });
}

/** The operation as it is in the block of this index. */
function inBlock(operation: Operation, block: number, run: SimulatedRun): Operation {
  const { id, action, row, key, value, returned, dueMs, invokedMs, endedMs, timeline } = operation;
  const startMs = block * run.durationMs;
  const before = sharedAfter(key, block - 1, run);
  const moved = {
    ...operation,
    id: id + block * blockOperations,
    dueMs: dueMs! + startMs,
    invokedMs: invokedMs + startMs,
    endedMs: endedMs + startMs,
    timeline: timeline! + block * timelinesOfBlock,
  };
  if (row === 'unique') return { ...moved, key: `${block}-${key}` };
  if (row === 'register') {
    return typeof value === 'number'
      ? { ...moved, value: value + block * blockOperations }
      : { ...moved, value: before };
  }
  return {
    ...moved,
    ...(action === 'read' ? { value: (value ?? 0) + (before ?? 0) } : {}),
    ...(returned === undefined ? {} : { returned: returned + (before ?? 0) }),
  };
}

/** A shared row's value at the end of a block: counters continue, and registers have values of their own in each block. */
function sharedAfter(key: string, block: number, { final }: SimulatedRun): number | null {
  const value = final.leader.shared.get(key);
  if (block < 0 || value === undefined) return null;
  return key.includes('-counter-') ? value * (block + 1) : value + block * blockOperations;
}

async function check(blocks: number): Promise<void> {
  const started = process.cpuUsage();
  const [history, final] = [await readHistory(historyPath(blocks)), await readFinalState(finalPath(blocks))];
  const record = { history, final, events: [] };
  const { samples: _samples, ...findings } = checkRun(record);
  const { user, system } = process.cpuUsage(started);
  const peakBytes = process.resourceUsage().maxRSS * 1_024;
  console.log(JSON.stringify({ findings, cpuMs: (user + system) / 1_000, peakBytes }));
}

if (command === 'write') {
  const run = simulate({ operations: blockOperations, seed: 1, faultMs, sessions: 100 });
  for (const length of lengths) await write(run, Number(length));
} else await check(Number(lengths[0]));
