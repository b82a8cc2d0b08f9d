import { until } from '../../../cluster/src/wait.js';
import { type FinalState, type MemberState, noLeader } from '../history/final.state.js';

const catchUpBoundMs = 60_000;

const leaderPositionSql = 'SELECT pg_current_wal_flush_lsn()';

/** How the rows of a run are read from the members of a cluster. */
export interface StateSource {
  readonly members: readonly string[];
  /** @throws Error while nobody leads */
  leader(): Promise<string>;
  /** Runs SQL on a member, and gives a line for each row, with `|` between columns. */
  psql(member: string, sql: string): Promise<string[]>;
}

/** The SQL by which rows are read. */
export interface StateQueries {
  /** Whether the member is in recovery (`t` or `f`), and its timeline, which may be empty. */
  readonly memberSql: string;
  /** Keys of unique rows with their number. */
  readonly uniqueSql: string;
  /** Keys of shared rows with their value. */
  readonly sharedSql: string;
}

/**
 * Reads every row of the run on each member, once that has replayed all that the leader had flushed. Where the leader can't be
 * read, the state has no rows, so every acknowledged write counts as lost.
 *
 * @throws the reason of `signal` when it aborts
 */
export async function readState(source: StateSource, queries: StateQueries, signal: AbortSignal): Promise<FinalState> {
  try {
    return await readMembers(source, queries, signal);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return { leader: noLeader, members: [], unreadable: source.members.map((member) => ({ member, reason })) };
  }
}

async function readMembers(source: StateSource, queries: StateQueries, signal: AbortSignal): Promise<FinalState> {
  const leader = await until({ what: 'a leader to read the final state from', boundMs: catchUpBoundMs, signal }, () =>
    source.leader(),
  );
  const [position = '0/0'] = await source.psql(leader, leaderPositionSql);
  const unreadable: { member: string; reason: string }[] = [];
  const states = await Promise.all(
    source.members.map(async (member) => {
      try {
        return await readMember(source, member, queries, signal, member === leader ? undefined : position);
      } catch (error) {
        unreadable.push({ member, reason: error instanceof Error ? error.message : String(error) });
        return undefined;
      }
    }),
  );
  const members = states.filter((state) => state !== undefined);
  const truth = members.find(({ role }) => role === 'leader');
  if (truth === undefined) throw new Error(`the leader could not be read: ${JSON.stringify(unreadable)}`);
  return { leader: truth, members, unreadable };
}

async function readMember(
  source: StateSource,
  member: string,
  queries: StateQueries,
  signal: AbortSignal,
  position?: string,
): Promise<MemberState> {
  if (position !== undefined) {
    await until({ what: `${member} has replayed ${position}`, boundMs: catchUpBoundMs, signal }, async () => {
      const [reached] = await source.psql(member, `SELECT pg_last_wal_replay_lsn() >= '${position}'`);
      return reached === 't' ? true : undefined;
    });
  }
  const [self = ''] = await source.psql(member, queries.memberSql);
  const [recovering, timeline = ''] = self.split('|');
  return {
    member,
    role: recovering === 't' ? 'replica' : 'leader',
    ...(timeline === '' ? {} : { timeline: Number(timeline) }),
    ...(await readRows((sql) => source.psql(member, sql), queries)),
  };
}

/**
 * Reads the rows of a run on one server.
 *
 * @param psql runs SQL there, and gives a line for each row, with `|` between columns
 */
export async function readRows(
  psql: (sql: string) => Promise<string[]>,
  { uniqueSql, sharedSql }: Pick<StateQueries, 'uniqueSql' | 'sharedSql'>,
): Promise<Pick<MemberState, 'unique' | 'shared'>> {
  return { unique: pairs(await psql(uniqueSql)), shared: pairs(await psql(sharedSql)) };
}

function pairs(rows: readonly string[]): Map<string, number> {
  return new Map(rows.map((row) => row.split('|')).map(([key = '', value]) => [key, Number(value)]));
}
