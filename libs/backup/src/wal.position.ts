/** A place in the log of the cluster. */
export interface WalPosition {
  readonly timeline: number;
  /** Such as `0/3000148`. */
  readonly lsn: string;
}

/** A position of the log, such as 0/3000148, as a number. */
export function positionOf(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Whether a log that goes to `end` has all up to `wanted`. On an older timeline it has not, for what the wanted one wrote is not there. */
export const reaches = (end: WalPosition, wanted: WalPosition): boolean =>
  end.timeline >= wanted.timeline && positionOf(end.lsn) >= positionOf(wanted.lsn);

/**
 * Reads a timeline's history, `TIMELINE<tab>LSN<tab>reason` for each timeline before it, and where that was left.
 * PostgreSQL documentation, section 25.3.6.
 *
 * @returns oldest first
 */
export const parseHistory = (text: string): WalPosition[] =>
  [...text.matchAll(/^(\d+)\t(\S+)/gm)].map(([, timeline, lsn = '']) => ({ timeline: Number(timeline), lsn }));
