import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoginServer } from '../../test/support/login.server.js';
import { NotHealedError } from '../faults/healing.js';
import { CannotRunError } from '../runs/cannot.run.error.js';
import { TargetSession } from './target.session.js';

/** What can't be undone at once is tried three times within 3 s. */
const boundMs = 20_000;

/** What the server answers to a statement: a row, or a refusal. It has no schema, and no right of SQL is missing. */
let refusesSchema: () => void;
let isReplica: boolean;
const answerTo = (sql: string): readonly string[] | 'refused' => {
  if (sql.includes('to_regnamespace')) return ['f', 't'];
  if (sql.includes('pg_is_in_recovery')) return [isReplica ? 't' : 'f'];
  if (!sql.startsWith('CREATE SCHEMA')) return ['pg-a'];
  refusesSchema();
  return 'refused';
};

const message = (type: string, ...parts: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
};
const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number) => Buffer.from([0, 0, value >> 8, value & 255]);
/** Of type text, without a modifier. */
const column = Buffer.concat([Buffer.from('c\0'), int32(0), int16(0), int32(25), int16(0), int32(0), int16(0)]);
const answered = (row: readonly string[] | 'refused'): Buffer =>
  Buffer.concat([
    ...(row === 'refused'
      ? [message('E', 'SERROR\0', 'C53100\0', 'Mno space left\0', '\0')]
      : [
          message('T', int16(row.length), ...row.map(() => column)),
          message('D', int16(row.length), ...row.flatMap((value) => [int32(value.length), value])),
          message('C', 'SELECT 1\0'),
        ]),
    message('Z', 'I'),
  ]);

let server: LoginServer;
let stateFolder: string;
beforeEach(async () => {
  isReplica = false;
  stateFolder = await mkdtemp(join(tmpdir(), 'target-session-'));
  server = await LoginServer.listen((bytes) =>
    // A simple query: its type, its length, its text.
    bytes[0] === 'Q'.charCodeAt(0) ? answered(answerTo(bytes.toString('utf8', 5))) : undefined,
  );
});
afterEach(async () => {
  server.close();
  await rm(stateFolder, { recursive: true });
});

/** Opens a session on a server that refuses to make the schema. */
async function opened(signal: AbortSignal) {
  const { port } = server;
  const write = { host: '127.0.0.1', port, user: 'judge', database: 'shop', tls: { mode: 'disable' } } as const;
  const target = { version: 1, name: 'shop', sql: { write, identity: "'pg-a'" }, faults: {} } as const;
  const said: string[] = [];
  const source = { environment: {}, folder: '.' };
  const options = { target, source, stateFolder, say: (line: string) => said.push(line) };
  const error: unknown = await TargetSession.open(options, [], signal).catch((caught: unknown) => caught);
  return { error: error as Error, said, journals: await readdir(stateFolder) };
}

describe('A session whose schema cannot be made', () => {
  it(
    'removes what there is of it, and says why',
    async () => {
      refusesSchema = () => undefined;
      const { error, said, journals } = await opened(new AbortController().signal);
      expect(error).toBeInstanceOf(CannotRunError);
      expect(error.message).toBe('the schema cannot be made: no space left');
      expect({ said, journals }).toEqual({ said: [`healing: ${error.message}`], journals: [] });
    },
    boundMs,
  );

  it(
    'gives up removing it when it is called off, says so, and keeps it in the journal',
    async () => {
      const interrupt = new AbortController();
      refusesSchema = () => {
        // Nobody takes writes any more.
        isReplica = true;
        setTimeout(() => interrupt.abort(new Error('interrupted')), 1_000);
      };
      const { error, journals } = await opened(interrupt.signal);
      expect(error).toBeInstanceOf(NotHealedError);
      expect(error.message).toMatch(/schema \(interrupted\).*chaos heal/);
      expect(error.cause).toMatchObject({ message: 'the schema cannot be made: no space left' });
      expect(journals).toEqual(['shop.json']);
    },
    boundMs,
  );
});
