import { describe, expect, it } from '@jest/globals';
import { disastersIn, isSuspect, patternOf, searchWindows, WalScan } from './wal.scan.js';

const record = (rmgr: string, tx: number, lsn: string, desc: string) =>
  `rmgr: ${rmgr.padEnd(11)} len (rec/tot):     54/    54, tx: ${String(tx).padStart(10)}, lsn: ${lsn}, prev 0/03000028, desc: ${desc}`;
const deleted = (tx: number, file: number) =>
  record(
    'Heap',
    tx,
    '0/03000100',
    `DELETE xmax: ${tx}, off: 2, infobits: [KEYS_UPDATED], flags: 0x00, blkref #0: rel 1663/16384/${file} blk 0`,
  );
const committed = (tx: number, more = '') =>
  record('Transaction', tx, '0/03000200', `COMMIT 2026-11-27 18:00:00.123456 UTC${more}`);

function scan(...lines: string[]): WalScan {
  const result = new WalScan(() => true);
  for (const line of lines) result.add(line);
  return result;
}

const names = new Map([
  [16_421, 'public.products'],
  [16_430, 'public.orders'],
]);
const existing = new Set(['public.products', 'public.orders']);
const at = { xid: 775, committedAt: '2026-11-27 18:00:00.123456 UTC', lsn: '0/03000200' };

describe('WalScan', () => {
  it('counts the rows that a transaction deleted, by table', () => {
    const { transactions } = scan(deleted(775, 16_421), deleted(776, 16_421), deleted(775, 16_421), committed(775));
    expect(transactions).toEqual([{ ...at, deleted: new Map([[16_421, 2]]), removed: [] }]);
  });

  it('counts the rows of its subtransactions as well', () => {
    const { transactions } = scan(
      deleted(775, 16_421),
      deleted(777, 16_421),
      committed(775, '; subxacts: 776 777; inval msgs: catcache 50'),
    );
    expect(transactions[0]?.deleted).toEqual(new Map([[16_421, 2]]));
  });

  it('says nothing of a transaction that was not committed', () =>
    expect(scan(deleted(775, 16_421)).transactions).toEqual([]));

  it('forgets what was rolled back, with its subtransactions', () => {
    const rolledBack = record('Transaction', 775, '0/03000180', 'ABORT 2026-11-27 18:00:00.1 UTC; subxacts: 776');
    const { transactions } = scan(
      deleted(775, 16_421),
      deleted(776, 16_421),
      rolledBack,
      committed(777, '; subxacts: 775 776'),
    );
    expect(transactions).toMatchObject([{ xid: 777, deleted: new Map() }]);
  });

  it('keeps of a long log only what is asked for', () => {
    const kept = new WalScan(isSuspect(2));
    for (let xid = 1; xid <= 1_000; xid += 1) for (const line of [deleted(xid, 16_421), committed(xid)]) kept.add(line);
    for (const line of [deleted(1_001, 16_421), deleted(1_001, 16_421), committed(1_001)]) kept.add(line);
    kept.add(committed(1_002, '; rels: base/16384/16421'));
    expect(kept.transactions.map(({ xid }) => xid)).toEqual([1_001, 1_002]);
  });

  it('knows the files that a transaction removed', () => {
    const { transactions } = scan(committed(775, '; rels: base/16384/16421 base/16384/16425; inval msgs: catcache 50'));
    expect(transactions[0]?.removed).toEqual([16_421, 16_425]);
  });

  it('finds restore points', () =>
    expect(scan(record('XLOG', 0, '0/03000300', 'RESTORE_POINT before_migration')).restorePoints).toEqual([
      { name: 'before_migration', lsn: '0/03000300' },
    ]));

  it('passes over other lines', () => expect(scan('', 'pg_waldump: first record is after').transactions).toEqual([]));
});

describe('searchWindows', () => {
  it.each([
    [300, [300]],
    [600, [600]],
    [7_200, [600, 6_000, 7_200]],
    [604_800, [600, 6_000, 60_000, 600_000, 604_800]],
  ])('looks through the newest part of %i s first', (oldest, windows) =>
    expect(searchWindows(oldest)).toEqual(windows),
  );
});

describe('patternOf', () => {
  const matches = (kind: 'xid' | 'name', text: string, line: string) =>
    new RegExp(patternOf({ kind, text })).test(line);

  it('takes the end of the transaction and of no other', () => {
    expect(matches('xid', '775', committed(775))).toBe(true);
    expect(matches('xid', '775', committed(1_775))).toBe(false);
    expect(matches('xid', '775', committed(7_750))).toBe(false);
    expect(matches('xid', '775', deleted(775, 16_421))).toBe(false);
  });

  it('takes restore points of the whole name', () => {
    const named = (name: string) => record('XLOG', 0, '0/03000300', `RESTORE_POINT ${name}`);
    expect(matches('name', 'v1.2', named('v1.2'))).toBe(true);
    expect(matches('name', 'v1.2', named('v1x2'))).toBe(false);
    expect(matches('name', 'v1.2', named('v1.2b'))).toBe(false);
  });
});

describe('disastersIn', () => {
  const { transactions } = scan(
    ...Array.from({ length: 100 }, () => deleted(775, 16_421)),
    deleted(775, 16_430),
    committed(775),
  );
  const gone = scan(committed(775, '; rels: base/16384/16421')).transactions;

  it('names a big delete, and not a small one', () =>
    expect(disastersIn(transactions, names, existing, 100)).toEqual([
      { ...at, what: 'delete', table: 'public.products', rows: 100 },
    ]));

  it('tells a truncate from a drop by whether the table is still there', () => {
    expect(disastersIn(gone, names, existing, 100)).toMatchObject([{ what: 'truncate', table: 'public.products' }]);
    expect(disastersIn(gone, names, new Set(), 100)).toMatchObject([{ what: 'drop', table: 'public.products' }]);
  });

  it('passes over tables of PostgreSQL itself and over indexes, whose files nobody has named', () =>
    expect(disastersIn(transactions, new Map(), existing, 1)).toEqual([]));
});
