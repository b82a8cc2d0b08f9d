import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { requiredBehaviour } from '../load/http.client.js';
import type { TargetCluster } from './target.cluster.js';
import type { TargetNemesis } from './target.nemesis.js';
import { TargetTrial } from './target.trial.js';

/** Longer than it takes to fail by another request. */
const slowMs = 300;
/** Nobody listens on this port. */
const nobody = { host: '127.0.0.1', port: 1, user: 'judge', database: 'shop' };

/** Rows of the service, by id. */
let rows: Map<number, string>;
/** Names of rows that it refuses to make. */
let refuses: RegExp;
/** Names of rows that it makes and gives no answer for. */
let forgets: RegExp;
let folder: string;
let service: Server;
beforeEach(async () => {
  rows = new Map([[1, 'of somebody else']]);
  refuses = forgets = /^$/;
  folder = await mkdtemp(join(tmpdir(), 'target-trial-'));
  let lastId = 1;
  service = createServer(async (request, response) => {
    const answer = (status: number, body: object = {}) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    const id = Number(request.url?.split('/')[2]);
    if (request.method === 'DELETE') return answer(rows.delete(id) ? 204 : 404);
    if (request.method === 'GET')
      return answer(200, { items: [...rows].map(([key, name]) => ({ id: key, name, price: '0' })), nextAfter: null });
    const { name } = JSON.parse(await text(request)) as { name: string };
    if (refuses.test(name)) return answer(503);
    if (!name.endsWith('-shared-0')) await new Promise((resolve) => setTimeout(resolve, slowMs));
    rows.set((lastId += 1), name);
    return forgets.test(name) ? request.socket.destroy() : answer(201, { id: lastId });
  });
  await once(service.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  service.closeAllConnections();
  service.close();
  await rm(folder, { recursive: true });
});

/** A trial whose clients can't be made: no server of SQL answers. */
function trialOf(said: string[]): TargetTrial {
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const cluster = {
    http: url,
    write: nobody,
    view: { members: [], memberStatus: () => Promise.reject(new Error('there is none')) },
    reach: {
      http: { url, namesMembers: false },
      sql: { leader: { client: nobody }, dialect: { uniqueTable: 'u', sharedTable: 's' } },
    },
  } as unknown as TargetCluster;
  return new TargetTrial({
    cluster,
    nemesis: {} as TargetNemesis,
    load: { ratePerSecond: 1, clients: 4, behaviour: requiredBehaviour, shares: { session: 1, sqlWrite: 1 } },
    path: (kind) => join(folder, kind),
    signal: new AbortController().signal,
    say: (line) => said.push(line),
  });
}

describe('A trial of a service that cannot begin deletes the registers that it has made', () => {
  it.each<[string, RegExp, RegExp, string]>([
    ['where a later step fails', /^$/, /^$/, 'ECONNREFUSED'],
    ['where one is refused while others are being made', /-shared-2$/, /^$/, 'creating .*-shared-2: 503'],
    ['where the answer for one got lost', /^$/, /-shared-1$/, 'fetch failed'],
  ])('%s', async (_, refused, forgotten, reason) => {
    refuses = refused;
    forgets = forgotten;
    const said: string[] = [];
    const trial = trialOf(said);
    try {
      await expect(trial.start()).rejects.toThrow(new RegExp(reason));
      // Longer than any request that was under way would take.
      await new Promise((resolve) => setTimeout(resolve, 2 * slowMs));
      expect([...rows.values()]).toEqual(['of somebody else']);
      expect(said).toEqual([expect.stringMatching(/stay behind: .*ECONNREFUSED/)]);
    } finally {
      await trial.stop();
    }
  });
});
