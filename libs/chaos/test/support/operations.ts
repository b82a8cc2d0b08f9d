import type { FinalState, MemberState } from '../../src/history/final.state.js';
import type { Operation } from '../../src/history/operation.js';

type Rest = Partial<Operation>;

let id = 0;
const operation = (rest: Rest & Pick<Operation, 'action' | 'row' | 'key'>, times: Times): Operation => ({
  id: (id += 1),
  session: 's',
  channel: 'sql',
  outcome: 'ok',
  invokedMs: times[0],
  endedMs: times[1],
  ...rest,
});

/** When an operation was sent and when it ended, in ms. */
export type Times = readonly [invokedMs: number, endedMs: number];

export const create = (key: string, times: Times, rest: Rest = {}): Operation =>
  operation({ action: 'write', row: 'unique', key, ...rest }, times);

export const set = (key: string, value: number, times: Times, rest: Rest = {}): Operation =>
  operation({ action: 'write', row: 'register', key, value, ...rest }, times);

export const add = (key: string, value: number, times: Times, rest: Rest = {}): Operation =>
  operation({ action: 'write', row: 'counter', key, value, ...rest }, times);

/** A read, by default with consistency `leader`. */
export const read = (
  row: Operation['row'],
  key: string,
  value: number | null,
  times: Times,
  rest: Rest = {},
): Operation => operation({ action: 'read', row, key, value, consistency: 'leader', ...rest }, times);

export const memberState = (
  unique: Readonly<Record<string, number>> = {},
  shared: Readonly<Record<string, number>> = {},
  member = 'patroni1',
): MemberState => ({
  member,
  role: member === 'patroni1' ? 'leader' : 'replica',
  unique: new Map(Object.entries(unique)),
  shared: new Map(Object.entries(shared)),
});

/** A final state with these members; the first is the leader. */
export const finalState = (leader = memberState(), ...replicas: MemberState[]): FinalState => ({
  leader,
  members: [leader, ...replicas],
  unreadable: [],
});
