import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { look } from './look.js';

let server: Server;

async function serverThat(answers: RequestListener): Promise<string> {
  server = createServer(answers);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('A look at a part of the lab', () => {
  it('gives the answer, whatever its status is', async () => {
    const url = await serverThat(({ headers }, response) => response.writeHead(503).end(`for ${headers['x-who']}`));
    expect(await look(url, 1_000, { 'x-who': 'me' })).toEqual({ status: 503, text: 'for me' });
  });

  it.each<[string, RequestListener]>([
    ['before its head', () => undefined],
    ['in its body', (_request, response) => void response.writeHead(200).write('half')],
  ])('ends with an error when the answer stops %s', async (_case, answers) => {
    const url = await serverThat(answers);
    await expect(look(url, 100)).rejects.toThrow('no answer within 100 ms');
  });

  it('ends with an error when the connection is cut in the middle of an answer', async () => {
    const url = await serverThat((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(look(url, 1_000)).rejects.toThrow();
  });
});
