import { beforeAll, describe, expect, it } from '@jest/globals';
import { docker, dockerOutput } from '../../../../libs/chaos/test/support/docker.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

const startTimeoutMs = 20_000;

/** The released image, run as it is: nothing of this process's module system or environment helps it. */
describe('An API container with a wrong configuration', () => {
  let image: string;
  let output: string;

  beforeAll(async () => {
    const containers = await openLab().containers.list();
    image = containers.find(({ service }) => service === 'api1')?.image ?? '';
    const wrong = ['PORT=hunter2', 'LOG_LEVEL=hunter2', 'PATRONI_URLS=hunter2', 'DB_PASSWORD='];
    const settings = wrong.flatMap((setting) => ['--env', setting]);
    output = await dockerOutput(['run', '--rm', '--network', 'none', ...settings, image], startTimeoutMs);
  }, startTimeoutMs);

  it('does not start', async () => {
    await expect(
      docker(['run', '--rm', '--network', 'none', '--env', 'PORT=0', image], startTimeoutMs),
    ).rejects.toMatchObject({ code: 1 });
  });

  it('lists every problem at once', () => {
    const wrong = ['PORT', 'LOG_LEVEL', 'PATRONI_URLS', 'DB_PASSWORD', 'CONSISTENCY_TOKEN_SECRET'];
    expect(output).toContain(`${wrong.length} problem(s)`);
    for (const name of wrong) expect(output).toContain(`- ${name}: `);
  });

  it('shows no value and no stack', () => {
    expect(output).not.toContain('hunter2');
    expect(output).not.toMatch(/^\s+at /m);
  });
});
