import { expect, it } from '@jest/globals';
import type { Lab } from '../../../cluster/src/lab.js';
import { majorityKill } from './majority-kill.fault.js';

it.each([
  ['is not injected where the members lose their disks in memory', 'tmpfs', expect.stringContaining('LAB_DISK_SIZE')],
  ['is injected where they keep them', 'ext2/ext3', undefined],
])('majority-kill %s', async (_, type, expected) => {
  const lab = { containers: { run: async () => type } } as unknown as Lab;
  expect(await majorityKill.precondition?.({ lab, leader: 'patroni1' })).toEqual(expected);
});
