import { describe, expect, it } from '@jest/globals';
import { noLeader } from '../history/final.state.js';
import type { Operation } from '../history/operation.js';
import type { RunEvent } from '../history/run.event.js';
import { clientExperience } from './client.experience.js';

const insert = (id: number, session: string, endedMs: number, changes: Partial<Operation> = {}): Operation => ({
  id,
  session,
  channel: 'sql',
  action: 'write',
  row: 'unique',
  key: `key-${id}`,
  outcome: 'ok',
  invokedMs: endedMs - 10,
  endedMs,
  ...changes,
});
const broken = { outcome: 'unknown', errorClass: 'OperationalError' } as const;
const fault: RunEvent = { atMs: 1_000, kind: 'fault', source: 'chaos' };
const healed: RunEvent = { atMs: 5_000, kind: 'healed', source: 'chaos' };
const finalWith = (...keys: string[]) => {
  const leader = { ...noLeader, unique: new Map(keys.map((key) => [key, 1])) };
  return { leader, members: [leader], unreadable: [] };
};

describe('What a client saw of a fault', () => {
  it('is its own longest gap after the fault, its errors, and what became of its rows', () => {
    const history = [
      insert(1, 'a', 990),
      insert(2, 'a', 1_100, broken),
      insert(3, 'a', 3_000),
      insert(4, 'b', 990),
      insert(5, 'b', 1_010, broken),
      insert(6, 'b', 1_200),
    ];
    const record = { history, final: finalWith('key-1', 'key-2', 'key-4', 'key-6'), events: [fault, healed] };
    expect(clientExperience(record, 'a')).toEqual({
      writeGapMs: 2_010,
      recovered: true,
      errors: { OperationalError: 1 },
      acked: 2,
      lost: 1,
      unexpected: 1,
    });
    expect(clientExperience(record, 'b')).toMatchObject({ writeGapMs: 210, lost: 0, unexpected: 0 });
  });

  it.each([
    ['that came back when the fault was healed', [insert(1, 'a', 990), insert(2, 'a', 6_000)], 5_010],
    ['that never came back', [insert(1, 'a', 990), insert(2, 'a', 9_010, broken)], 8_010],
  ])('is no recovery for a client %s', (_, history, writeGapMs) => {
    const record = { history, final: finalWith('key-1', 'key-2'), events: [fault, healed] };
    expect(clientExperience(record, 'a')).toMatchObject({ writeGapMs, recovered: false });
  });
});
