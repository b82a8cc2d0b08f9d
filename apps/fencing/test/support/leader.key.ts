import { containerOf, docker } from '../../../../libs/chaos/test/support/docker.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

const etcd = 'etcd3';

/** Patroni's leader key in etcd: the member that it names, and its lease. */
export async function leaderKey(): Promise<{ readonly member: string; readonly lease: string } | undefined> {
  const get = ['etcdctl', 'get', openLab().keys.leader, '--write-out', 'json'];
  const text = await docker(['exec', containerOf(etcd), ...get]);
  const { kvs: [found] = [] } = JSON.parse(text) as { kvs?: { value: string }[] };
  if (found === undefined) return undefined;
  // The lease is taken from the text, for it has more digits than a JavaScript number holds.
  return { member: Buffer.from(found.value, 'base64').toString(), lease: /"lease":(\d+)/.exec(text)?.[1] ?? '' };
}
