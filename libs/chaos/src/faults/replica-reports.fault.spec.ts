import { expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';

// The fault itself takes half a minute and is not part of the short tour.
it.each(['max_standby_streaming_delay', 'max_standby_archive_delay'])(
  'A report on a replica holds up its promotion for 1 s at most: %s, local, so that existing labs get it, too',
  async (setting) => {
    const spilo = await readFile(new URL('../../../../patroni/spilo.yml', import.meta.url), 'utf8');
    const [bootstrap = '', local = ''] = spilo.split(/^ {8}postgresql:$/m);
    expect(bootstrap).not.toContain(setting);
    expect(local).toMatch(new RegExp(`^ {12}${setting}: 1s$`, 'm'));
  },
);
