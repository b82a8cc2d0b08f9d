// How etcdctl is asked for etcd's health, and what its answer means. No port of etcd is published: etcd has no passwords, and would
// answer any page in the user's browser (etcd/README.md). With `scripts/lab secure on` the containers tell etcdctl how to prove itself.
import { etcds } from './members.mjs';

/** Does a linearizable read through every member. It can run in the container of any member, and names no scheme: etcdctl knows there. */
export const etcdHealthCommand = [
  'etcdctl',
  `--endpoints=${etcds.map((name) => `${name}:2379`).join()}`,
  '--command-timeout=2s',
  'endpoint',
  'health',
  '-w',
  'json',
];

/**
 * The healthy members, from the standard output of {@link etcdHealthCommand}; none where that is not valid JSON.
 *
 * @param {string} stdout
 * @returns {string[]}
 */
export function healthyEtcds(stdout) {
  try {
    /** @type {{endpoint: string, health: boolean}[]} */
    const endpoints = JSON.parse(stdout);
    return endpoints.flatMap(({ endpoint, health }) => (health ? [new URL(`any://${endpoint}`).hostname] : []));
  } catch {
    return [];
  }
}
