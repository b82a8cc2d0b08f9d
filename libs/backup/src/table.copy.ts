/** What SQL must know of a table to compare two states of it. */
export interface TableShape {
  /** Quoted, with its schema. */
  readonly table: string;
  /** Quoted; without generated ones, which PostgreSQL computes. */
  readonly columns: readonly string[];
  /** Quoted columns of the primary key; none where there is no key, and then rows are told apart by all they have. */
  readonly key: readonly string[];
  /** Identity and serial columns. */
  readonly counters: readonly Counter[];
}

/** A column whose values come from a sequence that counts upwards. */
export interface Counter {
  /** Quoted. */
  readonly column: string;
  /** Quoted, with its schema. */
  readonly sequence: string;
  /** What the sequence gave last, after a recovery up to 32 more; undefined where it has given nothing. */
  readonly last: string | undefined;
}

/** Prints `table|column|isKey|sequence|last`, a row for each column, of the table of this name. Empty where there is none. */
export const shapeSql = (name: string): string => `
  SELECT c.oid::regclass, quote_ident(a.attname), coalesce(a.attnum = ANY (i.indkey), false), s.seqrelid::regclass, pg_sequence_last_value(s.seqrelid)
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
  LEFT JOIN pg_sequence AS s ON s.seqrelid = pg_get_serial_sequence(c.oid::regclass::text, a.attname)::regclass AND s.seqincrement > 0
  WHERE c.oid = to_regclass('${name.replaceAll("'", "''")}') AND c.relkind IN ('r', 'p') ORDER BY a.attnum`;

/** Reads what {@link shapeSql} prints; undefined where there is no such table. */
export function shapeOf(rows: readonly string[]): TableShape | undefined {
  const fields = rows.map((row) => row.split('|'));
  const [[table] = []] = fields;
  if (table === undefined) return undefined;
  return {
    table,
    columns: fields.map(([, column = '']) => column),
    key: fields.flatMap(([, column = '', isKey]) => (isKey === 't' ? [column] : [])),
    counters: fields.flatMap(([, column = '', , sequence, last]) =>
      sequence ? [{ column, sequence, last: last || undefined }] : [],
    ),
  };
}

/**
 * What can be brought back of a table: the columns that it has now as well. One that was added since gets its default. Its sequences are those
 * of now, which must go on after what those of the past gave last.
 */
export function copyableShape(then: TableShape, now: TableShape): TableShape {
  const last = new Map(then.counters.map((counter) => [counter.column, counter.last]));
  return {
    ...then,
    columns: then.columns.filter((column) => now.columns.includes(column)),
    counters: now.counters.map((counter) => ({ ...counter, last: last.get(counter.column) })),
  };
}

/**
 * A command for the shell that makes a table that is gone again, without rows, as it was in a restored server.
 *
 * @param containers by their names
 */
export const makeTableCommand = (
  table: string,
  { restored, leader }: { readonly restored: string; readonly leader: string },
): string =>
  `docker exec ${restored} pg_dump -U postgres --schema-only --table '${table}' app_db | ` +
  `docker exec -i ${leader} psql -U postgres -d app_db -X -v ON_ERROR_STOP=1 --single-transaction`;

const then = 'pg_temp.restored';

/** Reads the rows of the past, as COPY writes them. */
export const exportSql = ({ table, columns }: TableShape, where: string | undefined): string =>
  `COPY (SELECT ${columns.join(', ')} FROM ${table}${where === undefined ? '' : ` WHERE ${where}`}) TO STDOUT`;

/** Takes them into a temporary table, beside which the present one can be looked at. */
export const importSql = ({ table, columns }: TableShape): string =>
  `CREATE TEMP TABLE restored AS SELECT ${columns.join(', ')} FROM ${table} WITH NO DATA;\nCOPY ${then} (${columns.join(', ')}) FROM STDIN;\n`;

/** Prints `missing|changed|added`: rows of the past that are gone, that are others now, and rows that the past did not have. */
export function diffSql({ table, columns, key }: TableShape): string {
  const all = columns.join(', ');
  if (key.length === 0)
    return `SELECT (SELECT count(*) FROM (SELECT ${all} FROM ${then} EXCEPT ALL SELECT ${all} FROM ${table}) AS m), 0,
      (SELECT count(*) FROM (SELECT ${all} FROM ${table} EXCEPT ALL SELECT ${all} FROM ${then}) AS a);`;
  const isDifferent = columns.map((column) => `r.${column}::text IS DISTINCT FROM n.${column}::text`).join(' OR ');
  return `SELECT (SELECT count(*) FROM ${then} AS r WHERE NOT EXISTS (SELECT FROM ${table} AS n WHERE ${same(key)})),
    (SELECT count(*) FROM ${then} AS r JOIN ${table} AS n ON ${same(key)} WHERE ${isDifferent}),
    (SELECT count(*) FROM ${table} AS n WHERE NOT EXISTS (SELECT FROM ${then} AS r WHERE ${same(key)}));`;
}

/** Brings back the rows that are gone, and touches no row that is there: it may be newer. Prints how many. */
export function bringBackSql({ table, columns, key }: TableShape): string {
  const all = columns.join(', ');
  const missing =
    key.length === 0
      ? `SELECT ${all} FROM ${then} EXCEPT ALL SELECT ${all} FROM ${table}`
      : `SELECT ${columns.map((column) => `r.${column}`).join(', ')} FROM ${then} AS r WHERE NOT EXISTS (SELECT FROM ${table} AS n WHERE ${same(key)})`;
  return `WITH back AS (INSERT INTO ${table} (${all}) OVERRIDING SYSTEM VALUE ${missing} ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*) FROM back;`;
}

/**
 * Lets sequences go on after the newest row and after what they gave in the past, or the next INSERT would get a key that is taken: a table
 * that was made anew, or truncated with RESTART IDENTITY, counts from 1. Sequences that are further stay as they are.
 */
export const raiseCountersSql = ({ table, counters }: TableShape): string =>
  counters
    .map(({ column, sequence, last = 'NULL' }) => {
      const name = `'${sequence.replaceAll("'", "''")}'`;
      // What somebody has set by hand beyond the end of the sequence does not matter to it.
      return `SELECT setval(${name}, newest) FROM ${sequence}, (
    SELECT max(given) AS newest FROM (SELECT ${column}::bigint AS given FROM ${table} UNION ALL SELECT ${last}) AS given
    WHERE given <= (SELECT seqmax FROM pg_sequence WHERE seqrelid = ${name}::regclass)) AS used
  WHERE newest > last_value OR (newest = last_value AND NOT is_called);`;
    })
    .join('\n');

const same = (key: readonly string[]): string => key.map((column) => `n.${column} = r.${column}`).join(' AND ');
