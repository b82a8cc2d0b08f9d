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
 * patroni/roles.sql. Everybody keeps CONNECT: an operator's own logins, as the exporter of CloudNativePG and the pooler of Zalando's, come in
 * by it, and find nothing here that they may read.
 */
export function privileges({ database, owner, user }: Logins): readonly string[] {
  const [d, o, u] = [database, owner, user].map(quote);
  return [
    `REVOKE TEMPORARY ON DATABASE ${d} FROM PUBLIC`,
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
