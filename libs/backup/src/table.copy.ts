/** What SQL must know of a table to compare two states of it. */
export interface TableShape {
  /** Quoted, with its schema. */
  readonly table: string;
  /** Quoted; without generated ones, which PostgreSQL computes. */
  readonly columns: readonly string[];
  /** Quoted columns of the primary key; none where there is no key, and then rows are told apart by all they have. */
  readonly key: readonly string[];
}

/** Prints `table|column|isKey`, a row for each column, of the table of this name. Empty where there is none. */
export const shapeSql = (name: string): string => `
  SELECT c.oid::regclass, quote_ident(a.attname), coalesce(a.attnum = ANY (i.indkey), false)
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
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
  };
}

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

const same = (key: readonly string[]): string => key.map((column) => `n.${column} = r.${column}`).join(' AND ');
