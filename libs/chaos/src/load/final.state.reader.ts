import { memberTimelineSql } from '../../../cluster/src/core/timeline.mjs';
import type { Lab } from '../../../cluster/src/lab.js';
import type { FinalState, MemberState } from '../history/final.state.js';
import { readRows as readRowsBy, readState, type StateQueries } from './state.reader.js';

/** Reads the rows of a run on each member of the lab. @throws the reason of `signal` when it aborts */
export const readFinalState = (lab: Lab, prefix: string, signal: AbortSignal): Promise<FinalState> =>
  readState(lab, queriesOf(prefix), signal);

/** Deletes the rows of the run. */
export async function deleteRows(lab: Lab, prefix: string): Promise<void> {
  const begins = beginsWith(prefix);
  await lab.psql(
    await lab.leader(),
    `DELETE FROM products WHERE ${begins('name')};
     DELETE FROM lab.chaos_unique WHERE ${begins('key')};
     DELETE FROM lab.chaos_counters WHERE ${begins('key')}`,
  );
}

/**
 * Reads the rows of a run on one server of the lab.
 *
 * @param psql runs SQL there, and gives a line for each row, with `|` between columns
 */
export const readRows = (
  psql: (sql: string) => Promise<string[]>,
  prefix: string,
): Promise<Pick<MemberState, 'unique' | 'shared'>> => readRowsBy(psql, queriesOf(prefix));

function queriesOf(prefix: string): StateQueries {
  const begins = beginsWith(prefix);
  const isRegister = `name ~ '-(shared|own)-[0-9]+$'`;
  return {
    memberSql: memberTimelineSql,
    uniqueSql: `SELECT name, count(*) FROM products WHERE ${begins('name')} AND NOT ${isRegister} GROUP BY name
     UNION ALL SELECT key, count(*) FROM lab.chaos_unique WHERE ${begins('key')} GROUP BY key`,
    sharedSql: `SELECT name, price::bigint FROM products WHERE ${begins('name')} AND ${isRegister}
     UNION ALL SELECT key, value FROM lab.chaos_counters WHERE ${begins('key')}`,
  };
}

const beginsWith =
  (prefix: string) =>
  (column: string): string =>
    `starts_with(${column}, '${prefix}')`;
