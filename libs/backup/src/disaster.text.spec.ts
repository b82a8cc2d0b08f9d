import { describe, expect, it } from '@jest/globals';
import { describeDisaster, restoreAdvice } from './disaster.text.js';
import type { Disaster } from './wal.scan.js';

const found = (xid: number, table: string, what: Disaster['what'] = 'delete'): Disaster => ({
  xid,
  committedAt: '2026-11-27 18:00:00.123456 UTC',
  lsn: '0/03000200',
  what,
  table,
  rows: what === 'delete' ? 300 : undefined,
});

describe('describeDisaster', () => {
  it.each([
    ['delete', '2026-11-27 18:00:00.123456 UTC  xid 775  delete   public.products  300 rows  at 0/03000200'],
    ['truncate', expect.stringContaining('truncate public.products  or a rewrite')],
    ['drop', expect.stringContaining('drop     public.products')],
  ] as const)('says %s', (what, line) => expect(describeDisaster(found(775, 'public.products', what))).toEqual(line));
});

describe('restoreAdvice', () => {
  it('names the only one', () =>
    expect(restoreAdvice([found(775, 'public.products')])).toEqual([
      'To see the moment before it: scripts/lab backup restore --to 775',
    ]));

  it('names the oldest of a DELETE in batches, for each table', () =>
    expect(
      restoreAdvice([
        found(775, 'public.orders'),
        found(776, 'public.products'),
        found(777, 'public.orders'),
        found(778, 'public.products'),
      ]),
    ).toEqual([
      'To see the moment before the oldest of public.orders: scripts/lab backup restore --to 775',
      'To see the moment before the oldest of public.products: scripts/lab backup restore --to 776',
      expect.stringContaining('Before a later one'),
    ]));

  it('names a transaction once that took several tables', () =>
    expect(restoreAdvice([found(775, 'public.orders', 'drop'), found(775, 'public.products', 'drop')])[0]).toBe(
      'To see the moment before the oldest of public.orders, public.products: scripts/lab backup restore --to 775',
    ));
});
