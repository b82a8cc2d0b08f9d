import { expect, it } from '@jest/globals';
import { runCommand } from '../support/command.js';

const haproxy = `${process.env['LAB_PREFIX'] ?? ''}haproxy`;
const configuration = '/usr/local/etc/haproxy/haproxy.cfg';

it.each(['', 'edge', 'pooler', 'edge,pooler'])('HAProxy accepts its configuration with LAB_PROFILES=%j', async (on) => {
  const args = ['exec', '--env', `LAB_PROFILES=${on}`, haproxy, 'haproxy', '-c', '-f', configuration];
  expect(await runCommand('docker', args)).toMatchObject({ code: 0 });
});
