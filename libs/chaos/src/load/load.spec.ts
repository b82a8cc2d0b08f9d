import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { devNull } from 'node:os';
import { until } from '../../../cluster/src/wait.js';
import { LoginServer } from '../../test/support/login.server.js';
import { HistoryRecorder } from '../history/history.recorder.js';
import { requiredBehaviour } from './http.client.js';
import { Load, type ClientShares } from './load.js';

/** Longer than a call that has been ended takes on a slow machine. */
const soonMs = 5_000;
const setupTimeoutMs = 30_000;
/** `ParseComplete`, `BindComplete`, `NoData`, `CommandComplete`, `ReadyForQuery`. */
const inserted = Buffer.from('1\0\0\0\x042\0\0\0\x04n\0\0\0\x04C\0\0\0\x0fINSERT 0 8\0Z\0\0\0\x05I', 'latin1');

/** Statements are not answered: as by a leader whose COMMIT waits for a standby that is away. */
let isSilent: boolean;
let statements: number;
let server: LoginServer;
let recorder: HistoryRecorder;
beforeEach(async () => {
  statements = 0;
  server = await LoginServer.listen((bytes) => {
    // `Sync` ends what the driver sends for one statement.
    if (!bytes.includes('S\0\0\0\x04', 0, 'latin1')) return undefined;
    statements += 1;
    return isSilent ? undefined : inserted;
  });
  recorder = new HistoryRecorder(devNull, () => 0);
});
afterEach(async () => {
  jest.useRealTimers();
  server.close();
  await recorder.close();
});

const clientOn = (port: number) => ({ client: { host: '127.0.0.1', port, user: 'judge', database: 'shop' } });

function prepare(shares: ClientShares, signal: AbortSignal): Promise<unknown> {
  const sql = {
    leader: clientOn(server.port),
    // Nobody listens there.
    replicas: clientOn(1),
    dialect: { uniqueTable: 'u', sharedTable: 's' },
  };
  const options = { ratePerSecond: 1, clients: 8, behaviour: requiredBehaviour, shares };
  return Load.prepare({ sql }, options, recorder, () => 0, 'chaos-x', { signal }).then(
    () => 'prepared',
    (error: unknown) => error,
  );
}

const untilAsked = () =>
  until({ what: 'a statement', boundMs: soonMs, everyMs: 10 }, () => (statements > 0 ? true : undefined));
const untilNobodyIsConnected = () =>
  until({ what: 'nobody is connected', boundMs: soonMs, everyMs: 10 }, () =>
    server.connections === 0 ? true : undefined,
  );

describe('A load whose shared rows are never acknowledged', () => {
  beforeEach(() => {
    isSilent = true;
  });

  it(
    'is called off at once',
    async () => {
      const interrupt = new AbortController();
      const prepared = prepare({ sqlWrite: 1 }, interrupt.signal);
      await untilAsked();
      const reason = new Error('interrupted');
      interrupt.abort(reason);
      expect(await prepared).toBe(reason);
      await untilNobodyIsConnected();
    },
    soonMs,
  );

  it(
    'gives up within its bound',
    async () => {
      const real = [
        'nextTick',
        'setImmediate',
        'clearImmediate',
        'setInterval',
        'clearInterval',
        'performance',
      ] as const;
      jest.useFakeTimers({ doNotFake: [...real, 'Date', 'hrtime', 'queueMicrotask'] });
      const prepared = prepare({ sqlWrite: 1 }, new AbortController().signal);
      await untilAsked();
      jest.advanceTimersByTime(setupTimeoutMs);
      jest.useRealTimers();
      expect(await prepared).toMatchObject({ message: `not within ${setupTimeoutMs} ms: the shared rows are made` });
      await untilNobodyIsConnected();
    },
    soonMs,
  );
});

describe('A load of which some clients cannot connect', () => {
  it('closes the connections of the others', async () => {
    isSilent = false;
    const error = await prepare({ sqlWrite: 1, sqlReplicaRead: 1 }, new AbortController().signal);
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(statements).toBe(1);
    await untilNobodyIsConnected();
  });
});
