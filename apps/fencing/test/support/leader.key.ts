import { containerOf, docker } from '../../../api/test/support/docker.js';

const etcd = 'etcd3';

/** Patroni's leader key as it lies in etcd: the member it names and the lease it hangs on. */
export async function leaderKey(): Promise<{ readonly member: string; readonly lease: string } | undefined> {
  const get = ['etcdctl', 'get', '/service/pg-ha/leader', '--write-out', 'json'];
  const { kvs = [] } = JSON.parse(await docker(['exec', containerOf(etcd), ...get])) as {
    kvs?: { value: string; lease: number }[];
  };
  const [found] = kvs;
  return found && { member: Buffer.from(found.value, 'base64').toString(), lease: String(found.lease) };
}
