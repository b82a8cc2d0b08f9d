import { expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';

// This spec checks the configuration alone: the fault itself takes half a minute and is not in the group `quick`.
it.each(['max_standby_streaming_delay', 'max_standby_archive_delay'])(
  'A report on a replica delays its promotion by at most 1 s: %s is in the local configuration, which existing labs read, too',
  async (setting) => {
    const spilo = await readFile(new URL('../../../../patroni/spilo.yml', import.meta.url), 'utf8');
    const [bootstrap = '', local = ''] = spilo.split(/^ {8}postgresql:$/m);
    expect(bootstrap).not.toContain(setting);
    expect(local).toMatch(new RegExp(`^ {12}${setting}: 1s$`, 'm'));
  },
);
