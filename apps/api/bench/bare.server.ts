import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pg from 'pg';

/**
 * The server that the service is compared with: only node:http and pg, with the same statements through the same HAProxy. It has no
 * validation, no log and no guarantees.
 */
const { PORT, DB_PASSWORD, DB_READ_PORT, DB_WRITE_PORT } = process.env;
const shared = { host: '127.0.0.1', user: 'app_user', password: DB_PASSWORD, database: 'app_db', max: 16 };
const replicas = new pg.Pool({ ...shared, port: Number(DB_READ_PORT) });
const leader = new pg.Pool({ ...shared, port: Number(DB_WRITE_PORT) });

const columns = `id, name, price::float8 AS price, created_at AS "createdAt", updated_at AS "updatedAt"`;

createServer((request, response) => {
  const answer = request.method === 'POST' ? create(request) : get(Number(request.url?.split('/')[2]));
  answer.then(
    (body) => send(response, request.method === 'POST' ? 201 : 200, body),
    (error: Error) => send(response, 500, { message: error.message }),
  );
}).listen(Number(PORT), '127.0.0.1');

async function get(id: number): Promise<unknown> {
  const { rows } = await replicas.query(`SELECT ${columns} FROM products WHERE id = $1`, [id]);
  return rows[0];
}

async function create(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { name, price } = JSON.parse(text) as { name: string; price: number };
  const client = await leader.connect();
  try {
    await client.query('BEGIN');
    const insert = `INSERT INTO products (name, price) VALUES ($1, $2) RETURNING ${columns}`;
    const { rows } = await client.query(insert, [name, price]);
    await client.query('COMMIT');
    return rows[0];
  } finally {
    client.release();
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}
