import {
  type Claims,
  judge,
  type Lineage,
  type Position,
  type ReadConsistency,
  type Replayed,
  unclaimed,
} from '../../../../libs/postgres-ha/src/index.js';
import type { CacheEntry } from './cache.entry.js';

/**
 * What an entry must be as new as to serve a request; undefined when no entry can be proven to be. The same as is asked of a replica: a session the positions it has seen, a bounded read what the leader had at the edge
 * of its bound, an eventual one nothing. A strong one is for the leader alone.
 *
 * @param requiredFor see LeaderSampler
 */
export function demandOf(
  consistency: ReadConsistency,
  claims: Claims | undefined,
  requiredFor: (maxStalenessMs: number) => Replayed | undefined,
): readonly Position[] | undefined {
  switch (consistency.mode) {
    case 'eventual':
      return [];
    case 'session': {
      const positions = claims?.positions ?? [];
      return positions.some(({ leaderOnly }) => leaderOnly) ? undefined : positions;
    }
    case 'bounded': {
      const required = requiredFor(consistency.maxStalenessMs);
      return required && [unclaimed(required)];
    }
    case 'strong':
      return undefined;
  }
}

/** Whether it may show what a failover has lost: its timeline ended before what it shows. */
export function isAbandoned({ asOf, shows }: Pick<CacheEntry, 'asOf' | 'shows'>, lineage: Lineage): boolean {
  const switchLsn = lineage.get(asOf.timeline);
  return switchLsn !== undefined && (asOf.lsn > switchLsn || shows.ceiling > switchLsn);
}

/**
 * Whether an entry serves a request. Nothing is concluded from what Redis does not say: a writer may not have reached
 * it. So an entry is as new as the position it was read at, and no newer.
 */
export function suffices(
  entry: Pick<CacheEntry, 'systemId' | 'asOf' | 'shows'>,
  demand: readonly Position[],
  claims: Claims | undefined,
  lineage: Lineage,
): boolean {
  if (claims !== undefined && claims.systemId !== entry.systemId) return false;
  if (isAbandoned(entry, lineage)) return false;
  return demand.every((position) => judge(position, entry.asOf, lineage) === 'holds');
}

/**
 * The entry to keep after a read. When the read found what was kept already, a reader learns nothing from it that the
 * earlier read had not shown: the bound of what is shown stays, while what it is at least as new as moves on. Otherwise
 * each read would raise its client's token above the entry it leaves behind, and no session would ever hit twice.
 */
export function renewed(fresh: CacheEntry, kept: CacheEntry | undefined): CacheEntry {
  if (kept === undefined || !isSameAnswer(fresh, kept)) return fresh;
  return kept.shows.ceiling < fresh.shows.ceiling ? { ...fresh, shows: kept.shows } : fresh;
}

function isSameAnswer(a: CacheEntry, b: CacheEntry): boolean {
  return (
    a.systemId === b.systemId &&
    a.asOf.timeline === b.asOf.timeline &&
    a.status === b.status &&
    contentOf(a.body) === contentOf(b.body)
  );
}

/** Without who served it, which differs from read to read. */
function contentOf(body: string): string {
  const { servedBy: _member, servedByNode: _address, ...content } = JSON.parse(body) as Record<string, unknown>;
  return JSON.stringify(content);
}
