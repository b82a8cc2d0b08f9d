import type { Disaster } from './wal.scan.js';

/** A line for one of them. A rewrite of a table looks like its truncation: both remove its file, and the log does not say why. */
export function describeDisaster({ committedAt, xid, what, table, rows, lsn }: Disaster): string {
  const extent = { delete: `${rows} rows`, drop: '', truncate: 'or a rewrite, such as VACUUM FULL or REFRESH' }[what];
  return `${committedAt}  xid ${xid}  ${what.padEnd(8)} ${table}  ${extent}  at ${lsn}`;
}

/**
 * Where to go back to: of each table before the oldest of its lines. Before a later one, what the earlier ones took is gone already.
 *
 * @param found oldest first
 */
export function restoreAdvice(found: readonly Disaster[]): string[] {
  const tables = new Map<number, string[]>();
  const seen = new Set<string>();
  for (const { xid, table } of found) {
    if (seen.has(table)) continue;
    seen.add(table);
    tables.set(xid, [...(tables.get(xid) ?? []), table]);
  }
  const command = (xid: number) => `scripts/lab backup restore --to ${xid}`;
  if (found.length === 1) return [...tables.keys()].map((xid) => `To see the moment before it: ${command(xid)}`);
  return [
    ...[...tables].map(([xid, of]) => `To see the moment before the oldest of ${of.join(', ')}: ${command(xid)}`),
    'Before a later one, what the earlier ones took is gone already. If the oldest was meant, take the first that was not.',
  ];
}
