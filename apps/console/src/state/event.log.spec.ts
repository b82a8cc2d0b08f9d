import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '../../../../libs/live/src/protocol.js';
import { mostEntries, withEntry } from './event.log.js';

const entry = (id: number, atMs = id): LogEntry => ({ id, atMs, source: 'patroni', text: `${id}` });
const log = (...entries: LogEntry[]) => entries.reduce(withEntry, [] as readonly LogEntry[]);

describe('withEntry', () => {
  it('puts the newest entry first', () => {
    expect(log(entry(1), entry(2)).map(({ id }) => id)).toEqual([2, 1]);
  });

  it('does not add an entry that a new connection sends again', () => {
    const before = log(entry(1), entry(2));
    expect(withEntry(before, entry(1))).toBe(before);
  });

  it('adds entries of a server that counts from 1 again', () => {
    expect(log(entry(1, 10), entry(2, 20), entry(1, 30)).map(({ atMs }) => atMs)).toEqual([30, 20, 10]);
  });

  it('puts an entry that comes late where its time is', () => {
    expect(log(entry(1, 10), entry(3, 30), entry(2, 20)).map(({ id }) => id)).toEqual([3, 2, 1]);
  });

  it('keeps a bounded number, and drops the oldest', () => {
    const many = Array.from({ length: mostEntries + 5 }, (_, index) => entry(index + 1));
    const kept = log(...many);
    expect(kept).toHaveLength(mostEntries);
    expect(kept.at(-1)?.id).toBe(6);
  });
});
