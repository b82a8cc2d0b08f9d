import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Docker from 'dockerode';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Containers, NftFailedError, ToolboxMissingError } from './containers.js';

/** Stands in for Docker. It shows what is sent and how answers are taken, and not how Docker behaves. */
let server: Server;
let containers: Containers;
let asked: string[];
let created: { HostConfig?: unknown; Labels?: unknown };
let image: boolean;
let exitCode: number;

const answer = (response: ServerResponse, status: number, body: object) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));

/** One frame of Docker's stream of both outputs: which of them, three zeros, the length. */
function frame(output: 1 | 2, said: string): Buffer {
  const head = Buffer.from([output, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(Buffer.byteLength(said), 4);
  return Buffer.concat([head, Buffer.from(said)]);
}

beforeEach(async () => {
  asked = [];
  image = true;
  exitCode = 0;
  const atExit: (() => void)[] = [];
  server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://docker');
    asked.push(`${request.method} ${pathname}`);
    const body = await text(request);
    if (pathname === '/containers/json') return answer(response, 200, [{ Id: 'leader' }]);
    if (pathname === '/containers/create') {
      created = JSON.parse(body) as typeof created;
      return image ? answer(response, 201, { Id: 'toolbox' }) : answer(response, 404, { message: 'No such image' });
    }
    if (pathname.endsWith('/attach')) {
      response.writeHead(200).flushHeaders();
      return atExit.push(() => response.end(frame(2, exitCode === 0 ? '' : 'Operation not supported')));
    }
    if (pathname.endsWith('/logs')) {
      response
        .writeHead(200)
        .write(Buffer.concat([frame(1, 'a line\n'), frame(2, 'an error, ü\n'), frame(1, 'the last\n')]));
      // A followed log of a silent container never ends.
      return searchParams.get('follow') === 'true' ? undefined : response.end();
    }
    if (pathname.endsWith('/wait')) return atExit.push(() => answer(response, 200, { StatusCode: exitCode }));
    if (pathname.endsWith('/start')) {
      response.writeHead(204).end();
      return atExit.forEach((exit) => exit());
    }
    // Docker's answer about a container that it has removed already.
    return answer(response, 404, { message: 'No such container' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const docker = new Docker({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  containers = new Containers('lab', docker);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const nft = () => containers.nft('patroni1', ['add table inet t']);

describe('nft in a container', () => {
  it('runs in a toolbox container that has a label and that Docker removes by itself', async () => {
    await nft();
    expect(created).toMatchObject({
      HostConfig: { AutoRemove: true, NetworkMode: 'container:leader' },
      Labels: { 'pg-ha-lab.toolbox': 'lab' },
    });
  });

  it('asks for output and exit status before it starts the toolbox, which may be gone a moment later', async () => {
    await nft();
    const order = asked.filter((line) => /attach|wait|start/.test(line));
    expect(order).toEqual(['attach', 'wait', 'start'].map((what) => `POST /containers/toolbox/${what}`));
  });

  it('throws NftFailedError with what nft printed when nft refuses', async () => {
    exitCode = 1;
    const error: unknown = await nft().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NftFailedError);
    expect(String(error)).toContain('ended with 1: Operation not supported');
  });

  it('says how to get the image when there is none', async () => {
    image = false;
    const error: unknown = await nft().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ToolboxMissingError);
    expect(String(error)).toContain('scripts/lab up');
  });
});

it('Logs of a silent container come to an end, with both outputs in the order of writing', async () => {
  expect(await containers.logs('etcd1', 60)).toBe('a line\nan error, ü\nthe last\n');
});
