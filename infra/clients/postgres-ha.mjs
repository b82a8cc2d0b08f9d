// Inserts each key that it reads, and says what came of it. libs/postgres-ha holds a write until there is a leader.
import { createInterface } from 'node:readline';
import { createPostgresHa } from '/app/dist/libs/postgres-ha/src/index.js';

const ha = createPostgresHa({
  database: {
    write: { host: 'haproxy', port: 5000, poolSize: 4 },
    read: { host: 'haproxy', port: 5001, poolSize: 4 },
    database: 'app_db',
    username: 'app_user',
    password: process.env.PGPASSWORD,
    functionsSchema: 'lab',
  },
  transactions: { keysSchema: 'public' },
});
ha.start();

for await (const key of createInterface({ input: process.stdin })) {
  try {
    await ha.write(async (client) => {
      await client.query('INSERT INTO lab.chaos_unique (key) VALUES ($1)', [key]);
    });
    console.log('ok');
  } catch (error) {
    console.log('error', error.code ?? error.name);
  }
}
await ha.stop();
