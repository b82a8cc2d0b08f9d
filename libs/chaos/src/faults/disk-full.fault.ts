import { type Fault, gapsWithin } from './fault.js';

const data = '/home/postgres/pgdata';
/** More is nobody's test volume, and takes too long to fill. */
const maxFreeBytes = 8 * 1024 ** 3;

/**
 * What needs a new page is refused (53100), what does not goes on. PostgreSQL would panic, and another member take over, when
 * the log needs a new segment (its documentation, "Disk Full Failure"); neither of two runs came that far.
 */
export const diskFull: Fault = {
  name: 'disk-full',
  title: "disk of the leader's data full",
  expects: gapsWithin({ writeMs: 60_000, readMs: 5_000 }),
  holdMs: 20_000,
  async precondition({ lab, leader }) {
    // Docker keeps /etc/hostname of a container beside its images: on the same device, filling one fills the host.
    const output = await lab.containers.run(leader, ['stat', '--format', '%d', data, '/etc/hostname']);
    const [dataDevice, dockerDevice] = output.split('\n');
    if (dataDevice === dockerDevice)
      return "the volume is no file system of its own: filling it would fill this machine's disk";
    const free = await lab.containers.run(leader, ['stat', '--file-system', '--format', '%a %S', data]);
    const [blocks = 0, blockBytes = 0] = free.split(' ').map(Number);
    return blocks * blockBytes > maxFreeBytes ? 'the volume has more than 8 GiB free' : undefined;
  },
  inject: ({ nemesis, leader }) => nemesis.fillDisk(leader),
};
