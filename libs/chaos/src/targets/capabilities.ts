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

/** What a target file may name; for what it does not name, some figures are not measured. */
export interface Named {
  readonly sql: { readonly read?: unknown };
  readonly http?: unknown;
  readonly patroni?: unknown;
  readonly members?: unknown;
}

/** The figures that are not measured, as the target file does not name what they are measured by. */
export function unnamedIn({ sql, http, patroni, members }: Named): (Untold & { readonly figure: keyof Figures })[] {
  const none = (reason: string, ...figures: (keyof Figures)[]) => figures.map((figure) => ({ figure, reason }));
  return [
    ...(members === undefined ? none('without members their rows cannot be read', 'divergentRows') : []),
    ...(patroni === undefined && members === undefined
      ? none('without patroni or members nothing tells when a member is back', 'rejoinMs')
      : []),
    ...(sql.read === undefined && http === undefined
      ? none('without sql.read or http nobody reads where any replica may answer', 'readGapMs')
      : []),
    ...(http === undefined
      ? none('without http there are no requests', 'httpFailed', 'httpWriteGapMs', 'httpReadGapMs', 'longestRequestMs')
      : []),
  ];
}

/** What cannot be judged of a target, and why. Everything else is. */
export function untoldOf(target: Named, probe: Probe): Untold[] {
  const untold: Untold[] = [];
  const noTimeline = 'this login may not ask for the timeline (pg_walfile_name, pg_current_wal_insert_lsn)';
  if (!probe.timeline) untold.push({ figure: 'dualLeaderCommits', reason: noTimeline });
  else if (!probe.identity)
    untold.push({
      figure: 'dualLeaderCommits',
      reason:
        'sql.identity gives no name, or an address that every server has (127.…, ::1): who committed is not known',
    });
  if (!probe.timeline && target.patroni === undefined) untold.push({ figure: 'failover', reason: noTimeline });
  return [...untold, ...unnamedIn(target)];
}

/** Whether what `sql.identity` gave names a server. Behind a pooler on its own machine every server has the same address. */
export const namesServer = (told: string): boolean => told !== '' && !/^(127\.|::1(:|\/|$))/.test(told);

/** The demands of a fault that cannot be kept or missed, for nothing measures them; each is a reason not to begin. */
export const unmeasured = (
  name: string,
  { expects, failover }: Pick<TargetFault, 'expects' | 'failover'>,
  untold: readonly Untold[],
): string[] =>
  untold
    .filter(({ figure }) => (figure === 'failover' ? failover !== undefined : figure in expects))
    .map(({ figure, reason }) => `${name} expects ${figure}, which is not judged here: ${reason}`);

/** The share of each kind of client, by what there is to reach. */
export const sharesOf = ({ sql, http }: Pick<Target, 'sql' | 'http'>): ClientShares => ({
  sqlWrite: 30,
  sqlSession: 30,
  sqlLeaderRead: 10,
  ...(sql.read === undefined ? {} : { sqlReplicaRead: 30 }),
  ...(http === undefined ? {} : { create: 15, session: 40, read: 35, leaderRead: 10 }),
});
