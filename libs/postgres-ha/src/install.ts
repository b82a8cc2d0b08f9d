import { escapeIdentifier } from 'pg';
import { nodeFunctions } from './database/node.functions.js';
import { createKeysTable, keysTable } from './transactions/idempotency.store.js';

/** What {@link installStatements} makes, and for whom. */
export interface InstallOptions {
  /**
   * Schema of the functions and of the table.
   *
   * @default 'postgres_ha'
   */
  readonly schema?: string | undefined;
  /** The logins of the services: they may call the functions, and use the table. */
  readonly grantTo: readonly [string, ...string[]];
}

/**
 * The statements that make all that the library needs of a database, on any PostgreSQL from 14 on: functions with which a node says who and
 * where it is, and the table of idempotency keys. A superuser runs them on the leader, once; the standbys get them by replication. They may
 * be run again, after an update of the library too. `sql/install.sql` is the same for psql.
 *
 * An ordinary login cannot see what the functions tell, so they are SECURITY DEFINER, with a fixed search_path.
 */
export function installStatements({ schema = 'postgres_ha', grantTo }: InstallOptions): readonly string[] {
  const name = escapeIdentifier(schema);
  const signatures = ['node_identity()', 'position()', 'ended_timelines()'].map((each) => `${name}.${each}`).join(', ');
  const roles = grantTo.map((role) => escapeIdentifier(role)).join(', ');
  return [
    `CREATE SCHEMA IF NOT EXISTS ${name}`,
    ...nodeFunctions(name),
    ...createKeysTable(schema),
    `REVOKE ALL ON FUNCTION ${name}.standby_timeline(), ${signatures} FROM PUBLIC`,
    `GRANT USAGE ON SCHEMA ${name} TO ${roles}`,
    `GRANT EXECUTE ON FUNCTION ${signatures} TO ${roles}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${keysTable(schema)} TO ${roles}`,
  ];
}
