import type { Position, Replayed } from '../../../../libs/postgres-ha/src/index.js';

/** A kept answer, with the two positions in the log between which its data lies. */
export interface CacheEntry {
  readonly systemId: bigint;
  /** The answer shows everything up to here. */
  readonly asOf: Replayed;
  /** The answer shows nothing above this, so this is what its reader has seen. On the timeline of `asOf`. */
  readonly shows: Position;
  /** Wall clock, in milliseconds; for the `ttl` in Cache-Status only. */
  readonly expiresAtMs: number;
  readonly status: 200 | 404;
  /** The replica that answered. The leader's answers are never kept. */
  readonly member: string;
  readonly address: string;
  /** A 200 as it was sent; of a 404 only `{code, detail}`. */
  readonly body: string;
}

interface Head {
  readonly systemId: string;
  readonly floor: string;
  readonly ceiling: string;
  readonly expiresAtMs: number;
  readonly status: 200 | 404;
  readonly member: string;
  readonly address: string;
}

/** Texts of fixed width, whose order is that of the positions: the scripts compare them as texts. */
export function sortable({ timeline, lsn }: Replayed): { readonly timeline: string; readonly lsn: string } {
  return { timeline: timeline.toString(16).padStart(8, '0'), lsn: lsn.toString(16).padStart(16, '0') };
}

const epochLength = 16;
const fixedLength = epochLength + 1 + 8 + 1 + 16 + 1;

/** One line with all that is known of the answer, whose first 42 characters the scripts read; then the body. */
export function encodeEntry(epoch: string, { asOf, shows, systemId, body, ...rest }: CacheEntry): string {
  const { timeline, lsn } = sortable(asOf);
  const { expiresAtMs, status, member, address } = rest;
  const head: Head = {
    systemId: String(systemId),
    floor: String(shows.floor),
    ceiling: String(shows.ceiling),
    expiresAtMs,
    status,
    member,
    address,
  };
  return `${epoch} ${timeline} ${lsn} ${JSON.stringify(head)}\n${body}`;
}

/** Undefined when the entry is of another epoch, and so void. */
export function decodeEntry(epoch: string, text: string): CacheEntry | undefined {
  if (!text.startsWith(epoch)) return undefined;
  const end = text.indexOf('\n');
  const { systemId, floor, ceiling, ...head } = JSON.parse(text.slice(fixedLength, end)) as Head;
  const timeline = Number.parseInt(text.slice(17, 25), 16);
  return {
    ...head,
    systemId: BigInt(systemId),
    asOf: { timeline, lsn: BigInt(`0x${text.slice(26, 42)}`) },
    shows: { timeline, floor: BigInt(floor), ceiling: BigInt(ceiling), asynchronous: false, leaderOnly: false },
    body: text.slice(end + 1),
  };
}
