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
  it('of registers has a transaction of one write or read for each operation', () => {
    const history = [
      set('x', 1, [0, 1]),
      read('register', 'x', 1, [2, 3.5]),
      set('x', 2, [4, 9], { outcome: 'unknown' }),
      set('x', 3, [5, 6], { session: 't', outcome: 'failed' }),
      read('register', 'x', null, [10, 11]),
    ];
    expect(ednOf('rw-register', history)).toEqual([
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
    ]);
  });

  it('leaves out reads that promise nothing', () => {
    const history = [set('x', 1, [0, 1]), read('register', 'x', null, [2, 3], { consistency: 'replica' })];
    expect(ednOf('rw-register', history)).toHaveLength(2);
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
