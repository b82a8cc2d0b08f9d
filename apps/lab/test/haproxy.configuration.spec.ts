import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './support/command.js';

const lines = (path: string) =>
  readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map((line) => line.trim());

describe.each(['haproxy/haproxy.cfg', 'infra/edge/forwarder/haproxy.cfg'])('%s', (path) => {
  it('sets tcp-ut at each server, because HAProxy 3.0 does not pass it on from default-server', () => {
    const servers = lines(path).filter((line) => line.startsWith('server ') && !line.includes('abns@'));
    expect(servers.length).toBeGreaterThan(3);
    expect(servers.filter((server) => !server.includes(' tcp-ut '))).toEqual([]);
  });

  it('sets tcp-ut where clients of PostgreSQL connect, because a client that is gone must not keep its locks', () => {
    const binds = lines(path).filter((line) => /^bind :50\d\d/.test(line));
    expect(binds).toHaveLength(4);
    expect(binds.filter((bind) => !bind.includes(' tcp-ut '))).toEqual([]);
  });
});
