import { describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import {
  isolationOf,
  refuseInsideUnit,
  repeatable,
  UnsupportedTransactionError,
  type StoredCall,
} from './repeatable.call.js';

type Work = (manager: EntityManager) => Promise<StoredCall>;

const manager = {} as EntityManager;
const once = (work: Work) => work(manager);

/** A call that returns another object each time. */
function counted() {
  let runs = 0;
  return () => Promise.resolve({ run: (runs += 1) });
}

describe('A repeatable call', () => {
  it('returns the very object that its run returned', async () => {
    const returned = { at: new Date() };
    await expect(repeatable(() => Promise.resolve(returned), once, { isStored: false })).resolves.toBe(returned);
  });

  it.each([
    ['the first', 1],
    ['the second', 2],
  ])('returns the object of %s of two runs, when that one was committed', async (_title, committed) => {
    const write = async (work: Work) => {
      const runs = [await work(manager), await work(manager)];
      return runs[committed - 1] as StoredCall;
    };
    await expect(repeatable(counted(), write, { isStored: false })).resolves.toEqual({ run: committed });
  });

  it('returns what is stored, when another process did it', async () => {
    const stored = () => Promise.resolve({ attempt: 'of another process', value: { run: 7 } });
    await expect(repeatable(counted(), stored, { isStored: true })).resolves.toEqual({ run: 7 });
  });

  it.each([
    [true, { run: 1 }],
    [false, undefined],
  ])('stores its value only where another process may ask for it: %s', async (isStored, value) => {
    let stored: StoredCall | undefined;
    const write = async (work: Work) => (stored = await work(manager));
    await repeatable(counted(), write, { isStored });
    expect(stored?.value).toEqual(value);
  });

  it('refuses another one inside it, and none after it has ended', async () => {
    const inner = () => repeatable(counted(), once, { isStored: false });
    const outer = repeatable(inner, once, { isStored: false });
    await expect(outer).rejects.toThrow(UnsupportedTransactionError);
    let isOver: () => void = () => undefined;
    const afterwards = new Promise<void>((resolve) => (isOver = resolve));
    let background: Promise<void> | undefined;
    const starting = () => {
      // In the context of the unit, and still running when that has ended.
      background = afterwards.then(refuseInsideUnit);
      return Promise.resolve();
    };
    await repeatable(starting, once, { isStored: false });
    isOver();
    await expect(background).resolves.toBeUndefined();
  });
});

describe('isolationOf', () => {
  it.each([
    [undefined, undefined],
    ['READ UNCOMMITTED', 'read committed'],
    ['read committed', 'read committed'],
    ['REPEATABLE READ', 'repeatable read'],
    ['SERIALIZABLE', 'serializable'],
  ])('takes %s for %s', (level, isolation) => expect(isolationOf(level)).toBe(isolation));

  it('refuses a level that PostgreSQL does not have', () => {
    expect(() => isolationOf('SNAPSHOT')).toThrow(UnsupportedTransactionError);
  });
});
