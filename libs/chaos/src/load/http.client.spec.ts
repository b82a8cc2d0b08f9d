import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHistory } from '../history/history.file.js';
import { HistoryRecorder } from '../history/history.recorder.js';
import { CreatingClient, requiredBehaviour } from './http.client.js';

let folder: string;
let service: Server;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-client-'));
  service = createServer((_, response) => response.writeHead(201, { 'Served-By': 'patroni2; leader' }).end('{}'));
  await once(service.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  service.closeAllConnections();
  service.close();
  await rm(folder, { recursive: true });
});

describe('A client of the service', () => {
  // SQL clients of a target know members by their addresses: two names of one member would look like two leaders.
  it.each([
    ['records which member it was served by', true, 'patroni2'],
    ['records no member where the service has names of its own for them', false, undefined],
  ])('%s', async (_, namesMembers, member) => {
    const path = join(folder, 'history.jsonl');
    const recorder = new HistoryRecorder(path, () => 0);
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const shared = { url, namesMembers, recorder, behaviour: requiredBehaviour, prefix: 'p', nextValue: () => 1 };
    await new CreatingClient('s', { ...shared, registers: new Map() }).operate(0);
    await recorder.close();
    expect((await readHistory(path)).map((operation) => [operation.outcome, operation.role, operation.member])).toEqual(
      [['ok', 'leader', member]],
    );
  });
});
