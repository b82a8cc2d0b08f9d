import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { within } from '../../../../libs/cluster/src/wait.js';
import { ConsoleServer, type ConsoleActions } from './console.server.js';
import { RunFolders } from './run.views.js';

const token = 'secret';
/** So many connections a browser has to one host (HTTP/1.1). */
const connectionsOfBrowser = 6;
const answerBoundMs = 5_000;

let healed: number;
let server: ConsoleServer;
let port: number;
let browser: Agent;

beforeEach(async () => {
  healed = 0;
  const nothing = async () => ({});
  const actions: ConsoleActions = {
    faults: nothing,
    timelines: nothing,
    load: nothing,
    break: nothing,
    heal: async () => (healed += 1),
    demonstrate: nothing,
    log: () => [],
    watched: () => undefined,
  };
  server = new ConsoleServer(actions, 'nowhere', new RunFolders('nowhere'), token);
  port = await server.listen(0);
  browser = new Agent({ keepAlive: true, maxSockets: connectionsOfBrowser });
});

afterEach(async () => {
  browser.destroy();
  await server.close();
});

async function ask(method: string, path: string): Promise<IncomingMessage> {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  const asked = request({ host: '127.0.0.1', port, agent: browser, method, path, headers });
  asked.end(method === 'POST' ? '{}' : undefined);
  const [response] = (await within(answerBoundMs, `${method} ${path}`, once(asked, 'response'))) as [IncomingMessage];
  return response;
}

/** Asks, and reads the whole answer. */
async function answer(method: string, path: string): Promise<{ status: number | undefined; body: unknown }> {
  const response = await ask(method, path);
  return { status: response.statusCode, body: await json(response) };
}

describe('The server of the console', () => {
  it('heals for a browser in which more pages were opened than it has connections', async () => {
    for (let page = 0; page < connectionsOfBrowser + 2; page += 1) {
      const joined = await ask('GET', '/api/live');
      if (joined.statusCode !== 200)
        expect(await json(joined)).toMatchObject({ detail: expect.stringContaining('Close one') });
    }
    expect(server.pageCount).toBeGreaterThan(1);
    expect(await answer('POST', '/api/heal')).toEqual({ status: 202, body: {} });
    expect(healed).toBe(1);
  });

  it.each(['//', '//localhost/api/faults', '/%2e%2e/package.json', 'http://', '/none'])(
    'has nothing at the path %s',
    async (path) => {
      expect(await answer('GET', path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    },
  );

  it.each(['/api/faults', '/api/faults?again', 'http://localhost/api/faults'])('answers at %s', async (path) => {
    expect(await answer('GET', path)).toEqual({ status: 200, body: {} });
  });

  it('refuses a path that cannot be decoded', async () => {
    expect(await answer('GET', '/runs/%')).toMatchObject({ status: 400 });
  });
});
