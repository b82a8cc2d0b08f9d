// Inserts each key that it reads, and says what came of it. libs/postgres-ha holds a write until there is a leader.
import { createInterface } from 'node:readline';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { noContent, PostgresHaModule, TransactionsModule, WriteFacade } from '/app/dist/libs/postgres-ha/src/index.js';

const metric = { inc() {}, set() {}, observe() {} };
const options = {
  database: {
    applicationName: 'example',
    write: { host: 'haproxy', port: 5000, poolSize: 4 },
    read: { host: 'haproxy', port: 5001, poolSize: 4, maxAgeSeconds: 300 },
    database: 'app_db',
    username: 'app_user',
    password: process.env.PGPASSWORD,
    functionsSchema: 'lab',
    connectTimeoutMs: 2_000,
    statementTimeoutMs: 10_000,
    slowQueryMs: 1_000,
    drainMs: 0,
  },
  consistency: {
    tokenSecret: 'an example that signs no tokens for anybody',
    tokenLifetimeSeconds: 3_600,
    waitBudgetMs: 500,
    deadlineMs: 5_000,
    leaderConcurrency: 4,
    leaderQueueMs: 1_000,
    sampleIntervalMs: 250,
  },
  transactions: { deadlineMs: 30_000, maxInFlight: 100, keysSchema: 'public' },
  migrate: async () => undefined,
  timelines: { endedTimelines: async () => [] },
  metrics: new Proxy({}, { get: () => metric }),
  refusals: { explain: (error) => error, store: () => undefined, restore: ({ body }) => body },
};

class Example {}
Module({ imports: [PostgresHaModule.forRootAsync({ useFactory: () => options }), TransactionsModule] })(Example);
const app = await NestFactory.createApplicationContext(Example, { logger: false });
const writes = app.get(WriteFacade);

for await (const key of createInterface({ input: process.stdin })) {
  try {
    await writes.run(async (manager) => {
      await manager.query('INSERT INTO lab.chaos_unique (key) VALUES ($1)', [key]);
      return noContent;
    });
    console.log('ok');
  } catch (error) {
    console.log('error', error.code ?? error.name);
  }
}
process.exit();
