const firstWindowSeconds = 600;

/** A transaction that was committed, as the log shows it. */
export interface WalTransaction {
  readonly xid: number;
  /** As pg_waldump prints it, with microseconds and zone. */
  readonly committedAt: string;
  /** Of the COMMIT record. */
  readonly lsn: string;
  /** Deleted rows by the number of the table's file. */
  readonly deleted: ReadonlyMap<number, number>;
  /** Files that were removed: of tables that were dropped, truncated or rewritten, and of their indexes. */
  readonly removed: readonly number[];
}

/** A mark that somebody set with pg_create_restore_point. */
export interface RestorePoint {
  readonly name: string;
  readonly lsn: string;
}

/** A transaction after which somebody may want to go back. */
export interface Disaster {
  readonly xid: number;
  readonly committedAt: string;
  readonly lsn: string;
  /** A rewrite of the table (VACUUM FULL, CLUSTER, REFRESH MATERIALIZED VIEW, …) counts as `truncate`: both remove its file. */
  readonly what: 'delete' | 'truncate' | 'drop';
  readonly table: string;
  /** Deleted rows; a truncate or drop does not say how many there were. */
  readonly rows: number | undefined;
}

/** What the log tells, collected line by line from the output of pg_waldump (`scan.sh`). */
export class WalScan {
  readonly restorePoints: RestorePoint[] = [];
  readonly transactions: WalTransaction[] = [];
  private readonly running = new Map<number, Map<number, number>>();

  /** @param isKept which transactions are. A log of days has more than fit into memory. */
  constructor(private readonly isKept: (transaction: WalTransaction) => boolean) {}

  add(line: string): void {
    const [, tx = '', lsn = '', desc = ''] = /tx:\s+(\d+), lsn: (\S+), prev \S+, desc: (.*)$/.exec(line) ?? [];
    const xid = Number(tx);
    if (desc.startsWith('DELETE ')) {
      const [, file = ''] = /rel \d+\/\d+\/(\d+) /.exec(desc) ?? [];
      const deleted = this.running.get(xid) ?? new Map<number, number>();
      deleted.set(Number(file), (deleted.get(Number(file)) ?? 0) + 1);
      this.running.set(xid, deleted);
    } else if (desc.startsWith('COMMIT ') || desc.startsWith('ABORT ')) {
      const transaction = {
        xid,
        committedAt: /^COMMIT ([^;]+)/.exec(desc)?.[1] ?? '',
        lsn,
        deleted: this.takeDeleted([xid, ...numbers(/subxacts: ([\d ]+)/.exec(desc)?.[1])]),
        removed: numbers(/rels: ([^;]+)/.exec(desc)?.[1]?.replaceAll(/\S*\//g, '')),
      };
      if (desc.startsWith('COMMIT ') && this.isKept(transaction)) this.transactions.push(transaction);
    } else if (desc.startsWith('RESTORE_POINT ')) {
      this.restorePoints.push({ name: desc.slice('RESTORE_POINT '.length), lsn });
    }
  }

  /** Rows deleted by a transaction and its subtransactions, which have numbers of their own. */
  private takeDeleted(xids: readonly number[]): Map<number, number> {
    const sum = new Map<number, number>();
    for (const xid of xids) {
      for (const [file, rows] of this.running.get(xid) ?? []) sum.set(file, (sum.get(file) ?? 0) + rows);
      this.running.delete(xid);
    }
    return sum;
  }
}

/** The transactions that {@link disastersIn} may name: they deleted at least so many rows of one table, or removed a file. */
export const isSuspect =
  (leastRows: number) =>
  ({ deleted, removed }: WalTransaction): boolean =>
    removed.length > 0 || [...deleted.values()].some((rows) => rows >= leastRows);

/**
 * How far back to look for one record, in seconds, one after the other: what is looked for is mostly new, and to read all of the log takes long.
 *
 * @param oldestSeconds how old it can be
 */
export function searchWindows(oldestSeconds: number): number[] {
  const windows = [];
  for (let seconds = firstWindowSeconds; seconds < oldestSeconds; seconds *= 10) windows.push(seconds);
  return [...windows, oldestSeconds];
}

/** What `scan.sh` has to look for: the end of this transaction, or restore points of this name. */
export const patternOf = (target: { readonly kind: 'xid' | 'name'; readonly text: string }): string =>
  target.kind === 'xid'
    ? `tx: +${target.text}, .*desc: COMMIT `
    : `desc: RESTORE_POINT ${target.text.replaceAll('.', '[.]')}$`;

/**
 * The transactions that deleted at least so many rows of one table, truncated or dropped one.
 *
 * @param names tables by the number of their file, also of tables that are gone
 * @param existing names of the tables there are now; undefined where nobody could be asked
 */
export function disastersIn(
  transactions: readonly WalTransaction[],
  names: ReadonlyMap<number, string>,
  existing: ReadonlySet<string> | undefined,
  leastRows: number,
): Disaster[] {
  return transactions.flatMap(({ xid, committedAt, lsn, deleted, removed }) => {
    const at = { xid, committedAt, lsn };
    const deletes = [...deleted]
      .filter(([file, rows]) => rows >= leastRows && names.has(file))
      .map(([file, rows]) => ({ ...at, what: 'delete' as const, table: names.get(file) ?? '', rows }));
    const gone = removed
      .flatMap((file) => names.get(file) ?? [])
      .map((table) => {
        const what = existing?.has(table) === false ? ('drop' as const) : ('truncate' as const);
        return { ...at, what, table, rows: undefined };
      });
    return [...deletes, ...gone];
  });
}

const numbers = (text: string | undefined): number[] => (text?.trim() ?? '').split(/\s+/).filter(Boolean).map(Number);
