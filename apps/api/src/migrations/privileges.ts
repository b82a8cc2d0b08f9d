/** Names as PostgreSQL has them, not quoted. */
export interface Logins {
  readonly database: string;
  /** Owns the database and makes the tables. */
  readonly owner: string;
  /** Login of the service. */
  readonly user: string;
}

/**
 * What the owner of a database says so that the service's login may read and write rows and nothing else, also of tables that are made
 * later. Each statement may be repeated. For a database that somebody else has made, an operator for example; the lab's own is made by
 * patroni/roles.sql.
 */
export function privileges({ database, owner, user }: Logins): readonly string[] {
  const [d, o, u] = [database, owner, user].map(quote);
  return [
    `REVOKE ALL ON DATABASE ${d} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${d} TO ${o}, ${u}`,
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    `GRANT USAGE ON SCHEMA public TO ${u}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${u}`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${u}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${o} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${u}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${o} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${u}`,
  ];
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
