import { dataFolderOf } from '../../../cluster/src/lab.js';
import { type Fault, type FaultContext, gapsWithin } from './fault.js';

/** A volume with more free space is hardly one for tests, and takes too long to fill. */
const maxFreeBytes = 8 * 1024 ** 3;
/** The part of a container's memory that a disk may take; PostgreSQL and Barman need the rest. */
const mostOfMemory = 0.5;

/**
 * PostgreSQL refuses statements that need a new page (53100), and the others go on. When it needs a new WAL segment, it panics
 * (its documentation, "Disk Full Failure"), and another member takes over; that happened in neither of two runs.
 */
export const diskFull: Fault = {
  name: 'disk-full',
  title: "disk of the leader's data full",
  expects: gapsWithin({ writeMs: 60_000, readMs: 5_000 }),
  holdMs: 20_000,
  precondition: ({ lab, leader }) => whyNotFillable(lab, leader),
  inject: ({ nemesis, leader }) => nemesis.fillDisk(leader),
};

/** @returns why the disk of a service's data must not be filled, or undefined when it may be */
export async function whyNotFillable(
  { containers }: FaultContext['lab'],
  service: string,
): Promise<string | undefined> {
  const data = dataFolderOf(service);
  // Docker keeps a container's /etc/hostname on the host's disk. Data on the same device would fill that disk.
  const output = await containers.run(service, ['stat', '--format', '%d', data, '/etc/hostname']);
  const [dataDevice, dockerDevice] = output.split('\n');
  if (dataDevice === dockerDevice)
    return "the volume is no file system of its own: filling it would fill this machine's disk. Set LAB_DISK_SIZE for a new lab";
  const free = await containers.run(service, ['stat', '--file-system', '--format', '%a %S', data]);
  const [blocks = 0, blockBytes = 0] = free.split(' ').map(Number);
  const freeBytes = blocks * blockBytes;
  if (freeBytes > maxFreeBytes) return 'the volume has more than 8 GiB free';
  // What is written to a disk in memory counts as memory of the container, which is killed when it has too much of it.
  const limitBytes = await containers.memoryLimitBytes(service);
  return freeBytes > limitBytes * mostOfMemory && (await isDiskInMemory({ containers }, service))
    ? `filling the disk of ${service}, which is in memory, would take more of it than the container may use. Set LAB_DISK_SIZE=512m for a new lab`
    : undefined;
}

/** Whether the data of a service is gone when it stops: its disk is in memory (`LAB_DISK_SIZE`). */
export async function isDiskInMemory(
  { containers }: Pick<FaultContext['lab'], 'containers'>,
  service: string,
): Promise<boolean> {
  const type = await containers.run(service, ['stat', '--file-system', '--format', '%T', dataFolderOf(service)]);
  return type === 'tmpfs';
}
