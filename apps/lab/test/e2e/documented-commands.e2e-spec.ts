import { describe, expect, it } from '@jest/globals';
import { runCommand } from '../support/command.js';
import { commandBlocks, statusLinesOf } from '../support/documented.commands.js';

const blocks = commandBlocks().filter(({ treatment }) => treatment?.kind === 'run');
const timeoutMs = 60_000;

/** Guides show the default ports and names of a lab; the lab under test may have others. */
const usualPorts = {
  API_PORT: 3000,
  API1_PORT: 3001,
  API2_PORT: 3002,
  HAPROXY_STATS_PORT: 8404,
  PATRONI1_REST_PORT: 8008,
  PATRONI2_REST_PORT: 8009,
};

function forThisLab(script: string): string {
  const ported = Object.entries(usualPorts).reduce(
    (text, [name, usual]) => text.replaceAll(`127.0.0.1:${usual}`, `127.0.0.1:${process.env[name] ?? usual}`),
    script,
  );
  return ported.replaceAll('docker exec ', `docker exec ${process.env['LAB_PREFIX'] ?? ''}`);
}

describe('The commands that README.md and docs/ show', () => {
  it.each(blocks.map((block) => [block.where, block] as const))(
    'succeed as %s shows them, and HTTP answers have the statuses that are shown',
    async (_, { script, statusLines }) => {
      const { code, output } = await runCommand('bash', ['-euo', 'pipefail', '-c', forThisLab(script)]);

      expect({ code, said: code === 0 ? '' : output }).toEqual({ code: 0, said: '' });
      expect(statusLinesOf(output)).toEqual(statusLines);
    },
    timeoutMs + 5_000,
  );
});
