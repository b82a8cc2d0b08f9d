import { type FinalState, type MemberState, noLeader } from '../history/final.state.js';
import { memberTimelineSql } from '../../../cluster/src/core/timeline.mjs';
import type { Lab } from '../../../cluster/src/lab.js';
import { until } from '../../../cluster/src/wait.js';

const catchUpBoundMs = 60_000;

const leaderPositionSql = 'SELECT pg_current_wal_flush_lsn()';

/**
 * Reads every row of the run on each member, once that has replayed all that the leader had flushed. Where the leader can't be
 * read, the state has no rows, so every acknowledged write counts as lost.
 *
 * @throws the reason of `signal` when it aborts
 */
export async function readFinalState(lab: Lab, prefix: string, signal: AbortSignal): Promise<FinalState> {
  try {
    return await readMembers(lab, prefix, signal);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return { leader: noLeader, members: [], unreadable: lab.members.map((member) => ({ member, reason })) };
  }
}

async function readMembers(lab: Lab, prefix: string, signal: AbortSignal): Promise<FinalState> {
  const leader = await until({ what: 'a leader to read the final state from', boundMs: catchUpBoundMs, signal }, () =>
    lab.leader(),
  );
  const [position = '0/0'] = await lab.psql(leader, leaderPositionSql);
  const unreadable: { member: string; reason: string }[] = [];
  const states = await Promise.all(
    lab.members.map(async (member) => {
      try {
        return await readMember(lab, member, prefix, signal, member === leader ? undefined : position);
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

/** Deletes the rows of the run. */
export async function deleteRows(lab: Lab, prefix: string): Promise<void> {
  const begins = (column: string) => `starts_with(${column}, '${prefix}')`;
  await lab.psql(
    await lab.leader(),
    `DELETE FROM products WHERE ${begins('name')};
     DELETE FROM lab.chaos_unique WHERE ${begins('key')};
     DELETE FROM lab.chaos_counters WHERE ${begins('key')}`,
  );
}

async function readMember(
  lab: Lab,
  member: string,
  prefix: string,
  signal: AbortSignal,
  position?: string,
): Promise<MemberState> {
  if (position !== undefined) {
    await until({ what: `${member} has replayed ${position}`, boundMs: catchUpBoundMs, signal }, async () => {
      const [reached] = await lab.psql(member, `SELECT pg_last_wal_replay_lsn() >= '${position}'`);
      return reached === 't' ? true : undefined;
    });
  }
  const [self = ''] = await lab.psql(member, memberTimelineSql);
  const [recovering, timeline] = self.split('|');
  return {
    member,
    role: recovering === 't' ? 'replica' : 'leader',
    timeline: Number(timeline),
    ...(await readRows((sql) => lab.psql(member, sql), prefix)),
  };
}

/**
 * Reads the rows of a run on one server.
 *
 * @param psql runs SQL there, and gives a line for each row, with `|` between columns
 */
export async function readRows(
  psql: (sql: string) => Promise<string[]>,
  prefix: string,
): Promise<Pick<MemberState, 'unique' | 'shared'>> {
  const begins = (column: string) => `starts_with(${column}, '${prefix}')`;
  const isRegister = `name ~ '-(shared|own)-[0-9]+$'`;
  const unique = await psql(
    `SELECT name, count(*) FROM products WHERE ${begins('name')} AND NOT ${isRegister} GROUP BY name
     UNION ALL SELECT key, count(*) FROM lab.chaos_unique WHERE ${begins('key')} GROUP BY key`,
  );
  const shared = await psql(
    `SELECT name, price::bigint FROM products WHERE ${begins('name')} AND ${isRegister}
     UNION ALL SELECT key, value FROM lab.chaos_counters WHERE ${begins('key')}`,
  );
  return { unique: pairs(unique), shared: pairs(shared) };
}

function pairs(rows: readonly string[]): Map<string, number> {
  return new Map(rows.map((row) => row.split('|')).map(([key = '', value]) => [key, Number(value)]));
}
