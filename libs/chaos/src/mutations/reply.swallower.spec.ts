import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReplySwallower } from './reply.swallower.js';

let server: Server;
let swallower: ReplySwallower;
let url: string;
let posts: number;

beforeEach(async () => {
  posts = 0;
  server = createServer((request, response) => {
    if (request.method === 'POST') posts += 1;
    request.resume().on('end', () => response.end('done'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  swallower = new ReplySwallower((server.address() as AddressInfo).port);
  url = `http://127.0.0.1:${await swallower.open()}`;
});
afterEach(async () => {
  await swallower.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ask = (method: string) =>
  fetch(url, { method }).then(
    (response) => response.text(),
    () => 'no answer',
  );

async function askFourTimes(method: string): Promise<string[]> {
  const answers: string[] = [];
  for (let count = 0; count < 4; count += 1) answers.push(await ask(method));
  return answers;
}

describe('A reply swallower', () => {
  it('passes everything on until it is switched on', async () => {
    expect(await askFourTimes('POST')).toEqual(['done', 'done', 'done', 'done']);
  });

  it('passes each POST on when it is switched on, and swallows the answer to every fourth', async () => {
    swallower.swallowing = true;
    expect(await askFourTimes('POST')).toEqual(['done', 'done', 'done', 'no answer']);
    expect([posts, swallower.swallowed]).toEqual([4, 1]);
  });

  it('swallows no answer to a read', async () => {
    swallower.swallowing = true;
    expect(await askFourTimes('GET')).toEqual(['done', 'done', 'done', 'done']);
  });
});
