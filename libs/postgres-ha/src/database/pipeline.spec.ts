import { afterEach, describe, expect, it } from '@jest/globals';
import { Duplex } from 'node:stream';
import { ClusterClient } from './cluster.client.js';
import { batchedPerTurn, begin, inOnePacket, inOnePacketThisTurn, pipelining } from './pipeline.js';

/** AuthenticationOk and ReadyForQuery: all that pg needs to hear before it sends queries. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** A server that lets the client in and answers no query. Its packets are those of a socket: what was corked is one. */
class SilentServer extends Duplex {
  readonly packets: string[] = [];
  private hasLetIn = false;

  connect(): void {
    process.nextTick(() => this.emit('connect'));
  }

  setNoDelay(): void {}

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.receive([chunk]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.receive(chunks.map(({ chunk }) => chunk));
    done();
  }

  private receive(chunks: readonly Buffer[]): void {
    if (this.hasLetIn) this.packets.push(Buffer.concat(chunks).toString('latin1'));
    else this.push(welcome);
    this.hasLetIn = true;
  }
}

const open: ClusterClient[] = [];

afterEach(() => {
  for (const client of open.splice(0)) void client.end().catch(() => undefined);
});

async function connected(options: object = pipelining) {
  const server = new SilentServer();
  const config = { ...options, user: 'u', password: 'p', functionsSchema: 'lab', stream: () => server };
  const client = new ClusterClient(config);
  client.on('error', () => undefined);
  open.push(client);
  await client.connect();
  return { client, server };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const ask = (client: ClusterClient, ...texts: string[]) => {
  for (const text of texts) void client.query(text).catch(() => undefined);
};

describe('pipelining', () => {
  it('sends a statement although the one before it has not been answered', async () => {
    const { client, server } = await connected();
    ask(client, 'SELECT 1', 'SELECT 2');
    expect(server.packets).toEqual([expect.stringContaining('SELECT 1'), expect.stringContaining('SELECT 2')]);
  });

  it('does not happen without the switch: pg then holds the second statement back', async () => {
    const { client, server } = await connected({});
    ask(client, 'SELECT 1', 'SELECT 2');
    await nextTurn();
    expect(server.packets).toEqual([expect.stringContaining('SELECT 1')]);
  });
});

describe('inOnePacket', () => {
  it('sends all statements of one turn as one packet', async () => {
    const { client, server } = await connected();
    inOnePacket(client, () => ask(client, 'SELECT 1', 'SELECT 2'));
    await nextTurn();
    expect(server.packets).toEqual([expect.stringMatching(/SELECT 1.*SELECT 2/s)]);
  });

  it('sends the collected statements also when one of them fails at once', async () => {
    const { client, server } = await connected();
    const failing = () => {
      throw new Error('boom');
    };
    expect(() => inOnePacket(client, failing)).toThrow('boom');
    ask(client, 'SELECT 1');
    expect(server.packets).toHaveLength(1);
  });
});

describe('inOnePacketThisTurn', () => {
  it('sends BEGIN in one packet with the first statement of the work, also when the work awaits a promise before it', async () => {
    const { client, server } = await connected();
    inOnePacketThisTurn(client);
    begin(client, { lockTimeoutMs: 100 }).catch(() => undefined);
    await Promise.resolve();
    ask(client, 'INSERT');
    expect(server.packets).toEqual([]);
    await nextTurn();
    expect(server.packets).toEqual([expect.stringMatching(/BEGIN; SET LOCAL lock_timeout = 100.*INSERT/s)]);
  });
});

describe('begin', () => {
  it.each([
    [{}, 'BEGIN'],
    [{ isolation: 'serializable' }, 'BEGIN ISOLATION LEVEL SERIALIZABLE'],
    [
      { isolation: 'repeatable read', lockTimeoutMs: 5 },
      'BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = 5',
    ],
  ] as const)('%j: %s', async (options, statement) => {
    const asked: unknown[] = [];
    const client = { query: (text: string) => Promise.resolve(asked.push(text)) } as unknown as ClusterClient;
    await begin(client, options);
    expect(asked).toEqual([statement]);
  });
});

describe('batchedPerTurn', () => {
  it('makes one batch of the items of one turn, and a second batch beyond the limit', async () => {
    const batches: (readonly number[])[] = [];
    const double = batchedPerTurn((items: readonly number[]) => {
      batches.push(items);
      return Promise.resolve(items.map((item) => 2 * item));
    }, 2);
    expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
    expect(await double(4)).toBe(8);
    expect(batches).toEqual([[1, 2], [3], [4]]);
  });

  it('runs an item twice when it is given twice: two reads stay two reads', async () => {
    const asked: number[] = [];
    const read = batchedPerTurn((items: readonly number[]) => {
      asked.push(...items);
      return Promise.resolve([...items]);
    }, 8);
    await Promise.all([read(1), read(1)]);
    expect(asked).toEqual([1, 1]);
  });
});
