import {
  type Claims,
  judge,
  type Lineage,
  type Position,
  type ReadConsistency,
  type Replayed,
  routeOf,
} from '../../../../libs/postgres-ha/src/index.js';
import type { CacheEntry } from './cache.entry.js';

/**
 * The positions that an entry must hold to serve a request: those that the request asks of a replica. Undefined when only the
 * leader may answer, for then no entry can be proven to be new enough.
 *
 * @param requiredFor see LeaderSampler
 */
export function demandOf(
  consistency: ReadConsistency,
  claims: Claims | undefined,
  requiredFor: (maxStalenessMs: number) => Replayed | undefined,
): readonly Position[] | undefined {
  const route = routeOf(consistency, claims, requiredFor);
  return route.to === 'replica' ? route.positions : undefined;
}

/** Whether an entry may show what a failover has lost: its timeline ended below what it shows. */
export function isAbandoned({ asOf, shows }: Pick<CacheEntry, 'asOf' | 'shows'>, lineage: Lineage): boolean {
  const switchLsn = lineage.get(asOf.timeline);
  return switchLsn !== undefined && (asOf.lsn > switchLsn || shows.ceiling > switchLsn);
}

/**
 * Whether an entry serves a request. An entry is as new as the position at which it was read, and no newer. That Redis knows of
 * no later write proves nothing: the writer may not have reached Redis.
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
 * The entry to keep after a read. When the answer equals the kept one, its reader learns nothing that the earlier read had not
 * shown. So `shows` stays where it was, and `asOf` moves on. Otherwise each read would raise its client's token above the entry
 * that it leaves behind, and no session would ever hit twice.
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

/** The body without the member that served it, which differs from read to read. */
function contentOf(body: string): string {
  const { servedBy: _member, servedByNode: _address, ...content } = JSON.parse(body) as Record<string, unknown>;
  return JSON.stringify(content);
}
