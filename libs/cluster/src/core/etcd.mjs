// What etcd's own tool is asked, and what its answer means. No port of etcd is published: it has no passwords, and answers any page
// in the user's browser (etcd/README.md).
import { etcds } from './members.mjs';

/** A linearizable read through every member, asked of any of them. */
export const etcdHealthCommand = [
  'etcdctl',
  `--endpoints=${etcds.map((name) => `http://${name}:2379`).join()}`,
  '--command-timeout=2s',
  'endpoint',
  'health',
  '-w',
  'json',
];

/**
 * The members that are healthy, from the standard output of {@link etcdHealthCommand}: none where it says nothing that makes sense.
 *
 * @param {string} stdout
 * @returns {string[]}
 */
export function healthyEtcds(stdout) {
  try {
    /** @type {{endpoint: string, health: boolean}[]} */
    const endpoints = JSON.parse(stdout);
    return endpoints.flatMap(({ endpoint, health }) => (health ? [new URL(endpoint).hostname] : []));
  } catch {
    return [];
  }
}
