/** How a program is run that uses the database as any application outside of the lab would. */
export interface OutsideProgram {
  /** Names its session in the history. */
  readonly name: string;
  /** `clients`: infra/clients/Dockerfile; `api`: the image of the service, which has Node. */
  readonly image: 'clients' | 'api';
  /** In its working folder; the programs are in `/app/clients`. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const libpq = { image: 'clients', command: ['python3', '/app/clients/libpq.py'] } as const;
const jdbc = {
  image: 'clients',
  command: ['java', '-cp', '/usr/share/java/postgresql.jar', '/app/clients/Jdbc.java'],
} as const;
const nodePostgres = { image: 'api', command: ['node', '/app/clients/node-postgres.mjs'] } as const;

/** The examples of docs/clients.md, as they are shown there. */
export const documentedPrograms: readonly OutsideProgram[] = [
  { name: 'libpq, members', ...libpq },
  { name: 'JDBC, members', ...jdbc },
  { name: 'node-postgres, members', ...nodePostgres },
  {
    name: 'libpq, HAProxy',
    ...libpq,
    env: { DATABASE_URL: 'postgresql://app_user@haproxy:5000/app_db?connect_timeout=2' },
  },
  { name: 'node-postgres, HAProxy', ...nodePostgres, env: { DATABASE_HOSTS: 'haproxy:5000' } },
  { name: 'postgres-ha, HAProxy', image: 'api', command: ['node', '/app/clients/postgres-ha.mjs'] },
];

/** The same with less than that: what each limit is for. */
export const carelessPrograms: readonly OutsideProgram[] = [
  {
    name: 'libpq, members, no limits',
    ...libpq,
    env: {
      DATABASE_URL: 'postgresql://app_user@patroni1,patroni2,patroni3/app_db?target_session_attrs=read-write',
      ANSWER_SECONDS: '0',
    },
  },
  { name: 'libpq, members, limits in the URL only', ...libpq, env: { ANSWER_SECONDS: '0' } },
  {
    name: 'JDBC, members, no limits',
    ...jdbc,
    env: { DATABASE_URL: 'jdbc:postgresql://patroni1,patroni2,patroni3/app_db?targetServerType=primary' },
  },
];

/** Says which member answers a read. Shown in docs/clients.md, too. */
export const readingProgram: OutsideProgram = {
  name: 'psql, reads',
  image: 'clients',
  command: ['bash', '/app/clients/reads.sh'],
};
