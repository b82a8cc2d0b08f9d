// A service with one table, on plain pg and node:http: notes are written once, and whoever sends its token back sees them.
import { createServer } from 'node:http';
import { createPostgresHa, parseReadConsistency, PostgresHaError } from 'postgres-ha';

const { DATABASE_HOSTS = 'localhost:5432', DATABASE_PASSWORD = '', TOKEN_SECRET = '', PORT = '0' } = process.env;

const ha = createPostgresHa({
  database: {
    // Every server of the cluster. Which of them leads now, the connections tell.
    hosts: DATABASE_HOSTS.split(',').map((address) => {
      const { hostname, port } = new URL(`postgres://${address}`);
      return { host: hostname, port: Number(port || 5432) };
    }),
    database: 'app',
    username: 'app_user',
    password: DATABASE_PASSWORD,
  },
  // The same in every process: a client may be answered by another one next time.
  consistency: { tokenSecrets: [{ secret: TOKEN_SECRET }] },
}).start();

/** POST /notes. With an `Idempotency-Key`, a repeated request gets the first one's answer. */
async function write({ key, token, body }) {
  const { value, token: next } = await ha.write(
    // May run several times, and is committed once: nothing here but statements on this client.
    async (client) => {
      const { rows } = await client.query('INSERT INTO notes (text) VALUES ($1) RETURNING id, text', [body.text]);
      return rows[0];
    },
    // The same key with another text is an error of the client.
    { key: key && { key, scope: 'POST /notes', request: body }, token },
  );
  return { status: 201, token: next, body: value };
}

/** GET /notes. With a token it shows what that client has seen, or waits for it; `Read-Consistency: eventual` takes any replica as it is. */
async function read({ token, consistency }) {
  const statement = { name: 'notes', text: 'SELECT id, text FROM notes ORDER BY id', values: [] };
  const { value, served, token: next } = await ha.query(statement, { token, consistency });
  return { status: 200, token: next, body: { notes: value, servedBy: served.role } };
}

async function answer(request) {
  const { 'idempotency-key': key, 'consistency-token': token } = request.headers;
  if (request.url === '/ready') return { status: ha.isReady ? 200 : 503 };
  if (request.url !== '/notes') return { status: 404 };
  if (request.method === 'GET') {
    return read({ token, consistency: parseReadConsistency(request.headers['read-consistency']) });
  }
  const chunks = await request.toArray();
  return write({ key, token, body: JSON.parse(Buffer.concat(chunks).toString()) });
}

/** Errors of the library say which HTTP status suits them, and bring their headers: `Retry-After`, or a token to go on with. */
function refusal(error) {
  if (!(error instanceof PostgresHaError)) {
    console.error(error);
    return { status: 500 };
  }
  const { status, code, message, headers } = error;
  return { status, headers, body: { code, message } };
}

const server = createServer(async (request, response) => {
  const { status, token, headers = {}, body } = await answer(request).catch(refusal);
  if (token !== undefined) response.setHeader('Consistency-Token', token);
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body && JSON.stringify(body));
});

server.listen(Number(PORT), '127.0.0.1', () => console.log(JSON.stringify(server.address())));

process.once('SIGTERM', () => {
  server.close(() => void ha.stop());
  server.closeIdleConnections();
});
