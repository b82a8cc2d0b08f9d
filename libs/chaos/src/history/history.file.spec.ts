import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FinalState, type MemberState, noLeader } from './final.state.js';
import { HistoryFormatError, readFinalState, readHistory, writeFinalState } from './history.file.js';
import { HistoryRecorder } from './history.recorder.js';
import type { Invocation } from './operation.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'history-'));
  path = join(folder, 'some.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const create: Invocation = { session: 's1', channel: 'http', action: 'write', row: 'unique', key: 'k1' };

describe('A history', () => {
  it('is read as it was recorded, in the order in which operations ended', async () => {
    let now = 0;
    const recorder = new HistoryRecorder(path, () => (now += 1));
    const first = recorder.begin(create);
    const read = recorder.begin({ ...create, action: 'read', consistency: 'session' });
    read.end({ outcome: 'ok', value: 0, httpStatus: 200, member: 'patroni2', role: 'replica', timeline: 3 });
    first.end({ outcome: 'failed', errorClass: 'ECONNREFUSED' });
    await recorder.close();
    expect(await readHistory(path)).toEqual([
      expect.objectContaining({ id: 2, invokedMs: 2, endedMs: 3, value: 0, timeline: 3, consistency: 'session' }),
      expect.objectContaining({ id: 1, invokedMs: 1, endedMs: 4, outcome: 'failed', errorClass: 'ECONNREFUSED' }),
    ]);
  });

  it('has the operations that still ran at its end as unknown', async () => {
    const recorder = new HistoryRecorder(path, () => 5);
    const late = recorder.begin(create);
    await recorder.close();
    late.end({ outcome: 'ok' });
    expect(await readHistory(path)).toEqual([expect.objectContaining({ outcome: 'unknown', errorClass: 'run_ended' })]);
  });

  it('keeps the first end of an operation', async () => {
    const recorder = new HistoryRecorder(path, () => 5);
    const pending = recorder.begin(create);
    pending.end({ outcome: 'unknown', errorClass: 'timeout' });
    pending.end({ outcome: 'ok' });
    await recorder.close();
    expect(await readHistory(path)).toEqual([expect.objectContaining({ outcome: 'unknown' })]);
  });

  it('is refused as a whole when one line is no operation, and the error names the line', async () => {
    const recorder = new HistoryRecorder(path, () => 5);
    recorder.begin(create).end({ outcome: 'ok' });
    await recorder.close();
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole + whole.slice(0, 40));
    await expect(readHistory(path)).rejects.toThrow(`${path}, line 2`);
    await writeFile(path, '{"id":1}\n');
    await expect(readHistory(path)).rejects.toThrow(HistoryFormatError);
  });

  it('throws when it could not be written', async () => {
    const recorder = new HistoryRecorder(join(folder, 'absent', 'x.jsonl'), () => 5);
    recorder.begin(create).end({ outcome: 'ok' });
    await expect(recorder.close()).rejects.toThrow('ENOENT');
  });
});

describe('A final state', () => {
  const leader: MemberState = {
    member: 'patroni1',
    role: 'leader',
    timeline: 2,
    unique: new Map([
      ['a', 1],
      ['b', 2],
    ]),
    shared: new Map([['register-1', 7]]),
  };

  it('is read as it was written', async () => {
    const replica: MemberState = { member: 'patroni2', role: 'replica', unique: new Map(), shared: new Map() };
    const state: FinalState = {
      leader,
      members: [leader, replica],
      unreadable: [{ member: 'patroni3', reason: 'down' }],
    };
    await writeFinalState(path, state);
    expect(await readFinalState(path)).toEqual(state);
  });

  it('has no leader where no member could be read', async () => {
    const state: FinalState = { leader: noLeader, members: [], unreadable: [{ member: 'patroni3', reason: 'down' }] };
    await writeFinalState(path, state);
    expect(await readFinalState(path)).toEqual(state);
  });

  it('is refused when it has members and none of them leads', async () => {
    await writeFinalState(path, { leader, members: [], unreadable: [] });
    await expect(readFinalState(path)).rejects.toThrow(HistoryFormatError);
  });
});
