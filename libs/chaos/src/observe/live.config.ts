import type { Lab } from '../../../cluster/src/lab.js';

/** Configuration and versions of the lab, so that a run can be repeated. */
export interface LiveConfig {
  /** Patroni's dynamic configuration. */
  readonly patroni: Record<string, unknown>;
  /** Image ids by service, in alphabetical order, so that equal configurations are equal as text. */
  readonly images: Record<string, string>;
  /** Versions by program. */
  readonly versions: Record<string, string>;
}

/** Reads it from the lab that runs. @throws Error without a leader */
export async function readLiveConfig(lab: Lab): Promise<LiveConfig> {
  const leader = await lab.leader();
  const version = async (service: string, command: string[]) =>
    /\d+(\.\d+)+\S*/.exec(await lab.containers.run(service, command).catch(() => ''))?.[0] ?? 'unknown';
  const [patroni, containers, status, etcd, haproxy, [postgresql = 'unknown'] = []] = await Promise.all([
    lab.config(),
    lab.containers.list(),
    lab.memberStatus(leader),
    version('etcd1', ['etcdctl', 'version']),
    version('haproxy', ['haproxy', '-v']),
    lab.psql(leader, 'SHOW server_version'),
  ]);
  return {
    patroni,
    images: Object.fromEntries(
      containers.map(({ service, imageId }) => [service, imageId] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    versions: { etcd, haproxy, node: process.version, patroni: status.patroni?.version ?? 'unknown', postgresql },
  };
}
