import { describe, expect, it } from '@jest/globals';
import { add, create, memberState, read, set } from '../../test/support/operations.js';
import type { History } from '../history/operation.js';
import { elleHistories } from './elle.history.js';

const ednOf = (name: string, history: History, leader = memberState()) =>
  elleHistories(history, leader)
    .find((file) => file.name === name)
    ?.edn.trimEnd()
    .split('\n');

describe('A history for elle-cli', () => {
  it('of registers has a transaction of one write or read for each operation, and one that reads all at the end', () => {
    const history = [
      set('x', 1, [0, 1]),
      read('register', 'x', 1, [2, 3.5]),
      set('x', 2, [4, 9], { outcome: 'unknown' }),
      set('x', 3, [5, 6], { session: 't', outcome: 'failed' }),
      read('register', 'x', null, [10, 11]),
    ];
    expect(ednOf('rw-register', history, memberState({}, { x: 2 }))).toEqual([
      '{:type :invoke, :f :txn, :value [[:w "x" 1]], :process 0, :time 0, :index 0}',
      '{:type :ok, :f :txn, :value [[:w "x" 1]], :process 0, :time 1000000, :index 1}',
      '{:type :invoke, :f :txn, :value [[:r "x" nil]], :process 0, :time 2000000, :index 2}',
      '{:type :ok, :f :txn, :value [[:r "x" 1]], :process 0, :time 3500000, :index 3}',
      '{:type :invoke, :f :txn, :value [[:w "x" 2]], :process 0, :time 4000000, :index 4}',
      '{:type :invoke, :f :txn, :value [[:w "x" 3]], :process 1, :time 5000000, :index 5}',
      '{:type :fail, :f :txn, :value [[:w "x" 3]], :process 1, :time 6000000, :index 6}',
      '{:type :info, :f :txn, :value [[:w "x" 2]], :process 0, :time 9000000, :index 7}',
      '{:type :invoke, :f :txn, :value [[:r "x" nil]], :process 2, :time 10000000, :index 8}',
      '{:type :ok, :f :txn, :value [[:r "x" nil]], :process 2, :time 11000000, :index 9}',
      '{:type :invoke, :f :txn, :value [[:r "x" nil]], :process 3, :time 12000000, :index 10}',
      '{:type :ok, :f :txn, :value [[:r "x" 2]], :process 3, :time 13000000, :index 11}',
    ]);
  });

  it('of one register begins with a write of 0, which stands for absent, and ends with its value', () => {
    const history = [
      read('register', 'x', null, [1, 2]),
      set('x', 1, [3, 4]),
      set('y', 2, [4, 5]),
      set('x', 3, [5, 6], { outcome: 'failed' }),
      read('register', 'x', 1, [7, 8]),
    ];
    expect(ednOf('register-1', history, memberState({}, { x: 1, y: 2 }))).toEqual([
      '{:type :invoke, :f :write, :value 0, :process 0, :time 0, :index 0}',
      '{:type :ok, :f :write, :value 0, :process 0, :time 0, :index 1}',
      '{:type :invoke, :f :read, :value nil, :process 1, :time 1000000, :index 2}',
      '{:type :ok, :f :read, :value 0, :process 1, :time 2000000, :index 3}',
      '{:type :invoke, :f :write, :value 1, :process 1, :time 3000000, :index 4}',
      '{:type :ok, :f :write, :value 1, :process 1, :time 4000000, :index 5}',
      '{:type :invoke, :f :write, :value 3, :process 1, :time 5000000, :index 6}',
      '{:type :fail, :f :write, :value 3, :process 1, :time 6000000, :index 7}',
      '{:type :invoke, :f :read, :value nil, :process 1, :time 7000000, :index 8}',
      '{:type :ok, :f :read, :value 1, :process 1, :time 8000000, :index 9}',
      '{:type :invoke, :f :read, :value nil, :process 2, :time 9000000, :index 10}',
      '{:type :ok, :f :read, :value 1, :process 2, :time 10000000, :index 11}',
    ]);
  });

  it.each([
    { what: 'has an unknown write whose value was read', value: 1, writes: ['0', '1'] },
    { what: 'has an unknown write whose value is there at the end', value: 2, writes: ['0', '2'] },
    { what: 'has no unknown write whose value nobody saw', value: 3, writes: ['0'] },
  ])('of one register $what', ({ value, writes }) => {
    const history = [set('x', value, [0, 1], { outcome: 'unknown' }), read('register', 'x', 1, [2, 3])];
    const written = ednOf('register-1', history, memberState({}, { x: 2 }))?.flatMap(
      (line) => /:invoke, :f :write, :value (\d)/.exec(line)?.[1] ?? [],
    );
    expect(written).toEqual(writes);
  });

  it('leaves out reads that promise nothing', () => {
    const history = [set('x', 1, [0, 1]), read('register', 'x', null, [2, 3], { consistency: 'replica' })];
    expect(ednOf('rw-register', history)).toHaveLength(4);
    expect(ednOf('register-1', history)?.filter((line) => line.includes(':f :read'))).toHaveLength(2);
  });

  it('of a set has a number for each row, and a read of what is there at the end', () => {
    const history = [create('a', [0, 1]), create('b', [2, 3]), create('c', [4, 5], { outcome: 'unknown' })];
    expect(ednOf('set', history, memberState({ a: 1, c: 1, stranger: 1 }))).toEqual([
      '{:type :invoke, :f :add, :value 0, :process 0, :time 0, :index 0}',
      '{:type :ok, :f :add, :value 0, :process 0, :time 1000000, :index 1}',
      '{:type :invoke, :f :add, :value 1, :process 0, :time 2000000, :index 2}',
      '{:type :ok, :f :add, :value 1, :process 0, :time 3000000, :index 3}',
      '{:type :invoke, :f :add, :value 2, :process 0, :time 4000000, :index 4}',
      '{:type :info, :f :add, :value 2, :process 0, :time 5000000, :index 5}',
      '{:type :invoke, :f :read, :value nil, :process 1, :time 6000000, :index 6}',
      '{:type :ok, :f :read, :value #{0 2 3}, :process 1, :time 7000000, :index 7}',
    ]);
  });

  it('of a set leaves out what failed, so that its row would be one that nobody wrote', () => {
    const history = [create('a', [0, 1]), create('b', [2, 3], { outcome: 'failed' })];
    const lines = ednOf('set', history, memberState({ a: 1, b: 1 }));
    expect(lines?.filter((line) => line.includes(':f :add'))).toHaveLength(2);
    expect(lines?.at(-1)).toContain(':value #{0 1}');
  });

  it('of counters is a file for each, with its value at the end', () => {
    const history = [add('n', 1, [0, 1]), add('m', 1, [2, 3]), read('counter', 'n', 1, [4, 5])];
    expect(ednOf('counter-1', history, memberState({}, { n: 1, m: 1 }))).toEqual([
      '{:type :invoke, :f :add, :value 1, :process 0, :time 0, :index 0}',
      '{:type :ok, :f :add, :value 1, :process 0, :time 1000000, :index 1}',
      '{:type :invoke, :f :read, :value nil, :process 0, :time 4000000, :index 2}',
      '{:type :ok, :f :read, :value 1, :process 0, :time 5000000, :index 3}',
      '{:type :invoke, :f :read, :value nil, :process 1, :time 6000000, :index 4}',
      '{:type :ok, :f :read, :value 1, :process 1, :time 7000000, :index 5}',
    ]);
    expect(elleHistories(history, memberState()).map(({ name }) => name)).toEqual(['counter-1', 'counter-2']);
  });

  it('gives a session another process while one works, and after one whose outcome nobody knows', () => {
    const history = [
      set('x', 1, [0, 10]),
      set('x', 2, [1, 2], { outcome: 'unknown' }),
      set('x', 3, [3, 4]),
      set('x', 4, [11, 12]),
    ];
    const processes = ednOf('rw-register', history)?.map((line) =>
      / \[\[:w "x" (\d)\]\], :process (\d)/.exec(line)?.slice(1).join(':'),
    );
    expect([...new Set(processes)]).toEqual(['1:0', '2:1', '3:2', '4:0']);
  });

  it('has no file for what did not occur', () => expect(elleHistories([], memberState())).toEqual([]));
});
