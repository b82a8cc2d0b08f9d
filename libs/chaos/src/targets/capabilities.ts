import type { Figures } from '../checkers/verdict.js';
import type { ClientShares } from '../load/load.js';
import type { Target, TargetFault } from './target.schema.js';

/** What the servers tell this login. */
export interface Probe {
  /** The timeline that is written, in the statement that writes. */
  readonly timeline: boolean;
  /** The name of the server, by `sql.identity`. */
  readonly identity: boolean;
}

/** A figure that cannot be told of a cluster, or whether another member leads. */
export interface Untold {
  readonly figure: keyof Figures | 'failover';
  readonly reason: string;
}

/** What cannot be judged of a target, and why. Everything else is. */
export function untoldOf({ patroni, members }: Pick<Target, 'patroni' | 'members'>, probe: Probe): Untold[] {
  const untold: Untold[] = [];
  const noTimeline = 'this login may not ask for the timeline (pg_walfile_name, pg_current_wal_insert_lsn)';
  if (!probe.timeline) untold.push({ figure: 'dualLeaderCommits', reason: noTimeline });
  else if (!probe.identity)
    untold.push({ figure: 'dualLeaderCommits', reason: 'sql.identity gives no name: who committed is not known' });
  if (!probe.timeline && patroni === undefined) untold.push({ figure: 'failover', reason: noTimeline });
  if (members === undefined)
    untold.push({ figure: 'divergentRows', reason: 'the target file has no members: their rows cannot be read' });
  return untold;
}

/** The bounds of a fault that cannot be kept or missed, for nothing measures them; each is a reason not to begin. */
export const unmeasured = (
  name: string,
  { expects }: Pick<TargetFault, 'expects'>,
  untold: readonly Untold[],
): string[] =>
  untold
    .filter(({ figure }) => figure in expects)
    .map(({ figure, reason }) => `${name} expects ${figure}, which is not judged here: ${reason}`);

/** The share of each kind of client, by what there is to reach. */
export const sharesOf = ({ sql, http }: Pick<Target, 'sql' | 'http'>): ClientShares => ({
  sqlWrite: 30,
  sqlSession: 30,
  sqlLeaderRead: 10,
  ...(sql.read === undefined ? {} : { sqlReplicaRead: 30 }),
  ...(http === undefined ? {} : { create: 15, session: 40, read: 35, leaderRead: 10 }),
});
