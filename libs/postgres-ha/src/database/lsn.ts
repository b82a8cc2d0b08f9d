/**
 * A position in the write-ahead log as PostgreSQL prints it: two hexadecimal halves, for example `16/B374D848`.
 *
 * @returns bytes since the start of the log
 */
export function parseLsn(lsn: string): bigint {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn);
  if (match === null) throw new RangeError(`not an LSN: ${lsn}`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** How many bytes `position` is behind `target`; 0 once it has reached it. Both must be of one timeline's history. */
export function bytesBehind(target: string, position: string): number {
  const behind = parseLsn(target) - parseLsn(position);
  return behind > 0n ? Number(behind) : 0;
}

/** The way PostgreSQL prints a position: the inverse of {@link parseLsn}. */
export function formatLsn(bytes: bigint): string {
  const half = (value: bigint) => value.toString(16).toUpperCase();
  return `${half(bytes >> 32n)}/${half(bytes & 0xffffffffn)}`;
}
