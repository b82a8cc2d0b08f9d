import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases, refused, unread } from '../../../../scripts/lib/env.cases.mjs';
import { runCommand } from '../support/command.js';

/** Reads a .env file with Compose itself; needs no engine. */
async function askCompose(
  text: string,
  env: Record<string, string> = {},
): Promise<{ code: number; value: string | undefined }> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-ha-lab-'));
  try {
    await writeFile(join(folder, '.env'), text);
    await writeFile(join(folder, 'compose.yml'), 'services: { probe: { image: probe, environment: { X: "${X}" } } }');
    const args = ['compose', '--env-file', join(folder, '.env'), '-f', join(folder, 'compose.yml')];
    const { code, stdout } = await runCommand('docker', [...args, 'config', '--format', 'json'], env);
    if (code !== 0) return { code, value: undefined };
    const { services } = JSON.parse(stdout) as { services: { probe: { environment: { X: string } } } };
    // Compose doubles every dollar in its output, so that it can read it again.
    return { code, value: services.probe.environment.X.replaceAll('$$', '$') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('The Compose that is installed here', () => {
  it.each(cases)('reads %s as the scripts do', async (_, text, value) => {
    expect(await askCompose(text)).toEqual({ code: 0, value });
  });

  it.each(refused)('refuses %s, too', async (_, text) => {
    expect((await askCompose(text)).code).not.toBe(0);
  });

  it.each(unread)('accepts %s, which the scripts refuse', async (_, text) => {
    expect((await askCompose(text)).code).toBe(0);
  });

  it.each(['shell', ''])('prefers the environment to .env, as the scripts do: %p', async (X) => {
    expect(await askCompose('X=file', { X })).toEqual({ code: 0, value: X });
  });
});
