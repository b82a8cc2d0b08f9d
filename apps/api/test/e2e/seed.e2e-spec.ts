import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { SchemaMigrator } from '../../src/migrations/schema.migrator.js';
import { useScratchDatabase } from '../support/scratch.database.js';
import { appEnvironment } from '../support/environment.js';
import { closedPort } from '../support/tcp.js';

Logger.overrideLogger(false);

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const database = useScratchDatabase('seed');
const boundMs = 60_000;

beforeAll(() => new SchemaMigrator(appEnvironment({ DB_NAME: database.name })).run());

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Report {
  readonly added: Record<string, number>;
  readonly total: number;
  readonly isInterrupted: boolean;
}

/** @param interruptAt SIGINT as soon as this was printed */
function seed(args: string[], { environment = {}, interruptAt }: { environment?: object; interruptAt?: RegExp } = {}) {
  return new Promise<Outcome>((resolve, reject) => {
    const child = spawn('scripts/seed', args, {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', DB_NAME: database.name, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: boundMs,
    });
    let [stdout, stderr, isSent] = ['', '', false];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (interruptAt === undefined || isSent || !interruptAt.test(stderr)) return;
      isSent = true;
      child.kill('SIGINT');
    });
    child.on('error', reject).on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

async function added(...args: string[]): Promise<Report> {
  const { status, stdout } = await seed([...args, '--json']);
  expect(status).toBe(0);
  return JSON.parse(stdout) as Report;
}

const count = async (table: string) => Number((await database.sql(`SELECT count(*) FROM ${table}`))[0]);

describe('scripts/seed', () => {
  it('adds a few rows to every table, and nothing when it runs again', async () => {
    expect((await added()).added).toEqual({ customers: 3, products: 4, orders: 4, albums: 2, songs: 5 });
    expect(await added()).toMatchObject({ total: 0, added: { customers: 0, products: 0, orders: 0 } });
    expect(await count('songs')).toBe(5);
  });

  it('adds only as many rows as are missing, and none the second time', async () => {
    expect((await added('--rows', '25')).added).toMatchObject({ customers: 3, products: 25, orders: 25 });
    expect((await added('--rows', '45')).added).toMatchObject({ customers: 2, products: 20, orders: 20 });
    expect((await added('--rows', '45')).total).toBe(0);
    expect((await added('--rows', '10')).total).toBe(0);
    expect(await count('products')).toBe(4 + 45);
  });

  it('gives every numbered product one order, and a customer at most ten', async () => {
    const numbered = `
      SELECT count(*), count(DISTINCT o.product_id), count(DISTINCT o.customer_id)
      FROM orders AS o JOIN products AS p ON p.id = o.product_id WHERE starts_with(p.name, 'Seed product ')`;
    expect(await database.sql(numbered)).toEqual(['45|45|5']);
  });

  it('stops at Ctrl-C after a whole batch, and goes on from there when it runs again', async () => {
    const { status, stderr } = await seed(['--rows', '400000'], { interruptAt: /… \d+ of 400000/ });
    expect(stderr).toContain('Interrupted');
    expect(status).toBe(130);
    const products = (await count('products')) - 4;
    expect(products).toBeLessThan(400_000);
    expect((await count('orders')) - 4).toBe(products);
    expect((await added('--rows', String(products + 5))).added).toMatchObject({ products: 5, orders: 5 });
  }, 90_000);

  it('says in one line when the lab is down', async () => {
    const { status, stdout, stderr } = await seed([], { environment: { PG_WRITE_PORT: String(await closedPort()) } });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^seed: no leader answers on 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Start the lab.*\n$/);
  });

  it.each([[['--rows', 'many']], [['--rows', '1e6']], [['--what']]])('refuses %j as wrong usage', async (args) => {
    const { status, stderr } = await seed(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^seed: .+scripts\/seed --help\n$/);
  });
});
