import type { Cluster } from './patroni.schema.js';

/**
 * Where Patroni can be asked: the configured URLs, and those the members advertise of themselves, so that a member that
 * was added later is asked too. One that is not reachable from here costs nothing, for the first answer counts.
 */
export function memberUrls(configured: readonly string[], { members }: Cluster): readonly string[] {
  const advertised = members.flatMap(({ api_url: url }) => (url !== undefined && URL.canParse(url) ? [url] : []));
  const origins = advertised.filter((url) => /^https?:/.test(url)).map((url) => new URL(url).origin);
  return [...new Set([...configured, ...origins])];
}
