import type { Cluster } from './patroni.schema.js';

/**
 * The URLs at which Patroni can be asked: the configured ones, and those that the members advertise, so that a member that was
 * added later is asked too. An address that cannot be reached from here costs nothing, because the first answer counts.
 */
export function memberUrls(configured: readonly string[], { members }: Cluster): readonly string[] {
  const advertised = members.flatMap(({ api_url: url }) => (url !== undefined && URL.canParse(url) ? [url] : []));
  const origins = advertised.filter((url) => /^https?:/.test(url)).map((url) => new URL(url).origin);
  return [...new Set([...configured, ...origins])];
}
