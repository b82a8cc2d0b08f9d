// Inserts each key that it reads, and says what came of it. node-postgres takes one host, so the leader is found here.
import { createInterface } from 'node:readline';
import pg from 'pg';

const hosts = (process.env.DATABASE_HOSTS ?? 'patroni1,patroni2,patroni3').split(',');
const limits = { connectionTimeoutMillis: 2_000, query_timeout: 5_000, keepAlive: true };
let client;

async function connect(address) {
  const [host, port = '5432'] = address.split(':');
  const made = new pg.Client({ host, port: Number(port), user: 'app_user', database: 'app_db', ...limits });
  made.on('error', () => undefined); // Without this, a connection that breaks while idle ends the process.
  try {
    await made.connect();
    const { rows } = await made.query('SELECT pg_is_in_recovery() AS replica');
    if (!rows[0].replica) return made;
  } catch (error) {
    cut(made);
    throw error;
  }
  cut(made);
  throw new Error(`${host} is a replica`);
}

// `end()` alone would wait for the server, which may be frozen.
const cut = (made) => made.connection.stream.destroy();

/** The member that says first that it leads. All are asked at once, so that a silent one holds nobody up. */
async function connectToLeader() {
  const attempts = hosts.map(connect);
  const leader = await Promise.any(attempts);
  for (const attempt of attempts)
    attempt.then(
      (other) => other === leader || cut(other),
      () => undefined,
    );
  return leader;
}

for await (const key of createInterface({ input: process.stdin })) {
  try {
    client ??= await connectToLeader();
    await client.query('INSERT INTO lab.chaos_unique (key) VALUES ($1)', [key]);
    console.log('ok');
  } catch (error) {
    if (client) cut(client);
    client = undefined;
    console.log('error', error.code ?? error.name);
  }
}
process.exit();
