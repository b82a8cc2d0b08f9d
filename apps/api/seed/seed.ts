import pg from 'pg';
import { InvalidEnvironmentError, parseEnvironment, type Environment } from '../src/config/environment.schema.js';
import { classifyFailure } from '../../../libs/postgres-ha/src/index.js';
import { addRows, type Progress } from './bulk.js';
import { addHandful, type Added } from './handful.js';
import { parseSeedOptions, usage, type SeedOptions } from './seed.options.js';

/** Number of the advisory lock that lets one seed run at a time; nothing else in the database uses it. */
const seedLock = 7_305_613;
const statementTimeoutMs = 60_000;
const linesWithoutTerminal = 10;
const interruptedStatus = 130;

const undefinedTable = '42P01';

const isTerminal = process.stderr.isTTY;
const say = (line: string) => process.stderr.write(isTerminal ? `\r\u001b[K${line}\n` : `${line}\n`);
const total = (added: Added) => Object.values(added).reduce((sum, count) => sum + count, 0);
const secondsSince = (startedMs: number) => Math.round(performance.now() - startedMs) / 1_000;

try {
  const options = parseSeedOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await seed(options).catch(complain);
} catch (error) {
  say(`seed: ${(error as Error).message}. See: scripts/seed --help`);
  process.exitCode = 2;
}

async function seed(options: SeedOptions): Promise<void> {
  const environment = parseEnvironment(process.env);
  const client = new pg.Client({
    host: environment.DB_WRITE_HOST,
    port: environment.DB_WRITE_PORT,
    database: environment.DB_NAME,
    user: environment.DB_USER,
    password: environment.DB_PASSWORD,
    connectionTimeoutMillis: environment.DB_CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    application_name: 'seed',
  });
  // Without a listener this error would end the process without a message. The running statement fails with it anyway.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1) AS free', [seedLock]);
    if (rows[0]?.free !== true) throw new Error('another seed is running; this one has added nothing');
    await fill(client, options);
  } catch (error) {
    throw explained(error, environment);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function fill(client: pg.Client, { rows, json }: SeedOptions): Promise<void> {
  const startedMs = performance.now();
  const added = await addHandful(client);
  // The second Ctrl-C ends the process at once; the server then rolls the open batch back.
  let isInterrupted = false;
  process.once('SIGINT', () => {
    isInterrupted = true;
  });
  let shown = 0;
  for await (const progress of addRows(client, rows)) {
    for (const [table, count] of Object.entries(progress.added)) added[table as keyof Added] += count;
    shown = show(progress, total(added) / secondsSince(startedMs), shown);
    if (isInterrupted) break;
  }
  const seconds = secondsSince(startedMs);
  const rowsPerSecond = Math.round(total(added) / seconds);
  if (json) console.log(JSON.stringify({ added, total: total(added), seconds, rowsPerSecond, isInterrupted }));
  else say(summary(added, seconds, rowsPerSecond));
  if (!isInterrupted) return;
  say('Interrupted. Every batch so far is whole; the same command goes on from here.');
  process.exitCode = interruptedStatus;
}

/** @returns how many tenths have been shown; without a terminal each is a line of its own */
function show({ products, of }: Progress, rowsPerSecond: number, shown: number): number {
  const line = `${products} of ${of} products, ${Math.round(rowsPerSecond)} rows/s`;
  const tenths = Math.floor((products / of) * linesWithoutTerminal);
  if (isTerminal) process.stderr.write(`\r\u001b[K… ${line}`);
  else if (tenths > shown) say(`… ${line}`);
  return tenths;
}

function summary(added: Added, seconds: number, rowsPerSecond: number): string {
  if (total(added) === 0) return '✓ Everything is there already; nothing was added.';
  const parts = Object.entries(added).map(([table, count]) => `${count} ${table}`);
  return `✓ Added ${parts.join(', ')} in ${seconds} s (${rowsPerSecond} rows/s)`;
}

/** Tells the user what to do, where that is known. */
function explained(error: unknown, { DB_WRITE_HOST, DB_WRITE_PORT }: Environment): unknown {
  const { code, outcome } = classifyFailure(error);
  if (code === undefinedTable) return new Error('the tables are made by the API when it starts: npm run lab');
  if (outcome === 'surface') return error;
  const where = `${DB_WRITE_HOST}:${DB_WRITE_PORT}`;
  return new Error(
    `no leader answers on ${where} (${code}). Start the lab: npm run lab. Then the same command goes on.`,
  );
}

function complain(error: unknown): void {
  const isUnset = error instanceof InvalidEnvironmentError;
  say(`seed: ${isUnset ? 'there are no settings in .env yet: npm run lab' : (error as Error).message}`);
  process.exitCode = 1;
}
