/** Why a request went on to the database, in the words of RFC 9211, section 2.2. */
export type Forwarded = 'uri-miss' | 'stale' | 'bypass';

/** What the cache did for a request. */
export type CacheStatus =
  | { readonly hit: true; readonly ttlSeconds: number }
  | {
      readonly hit: false;
      readonly forwarded: Forwarded;
      /** Another request read the same thing, and its answer served this one as well. */
      readonly collapsed?: boolean;
      readonly stored?: boolean;
      readonly detail?: string | undefined;
    };

/** Value of the `Cache-Status` header (RFC 9211). */
export function cacheStatusHeader(status: CacheStatus): string {
  if (status.hit) return `pg-ha-lab; hit; ttl=${status.ttlSeconds}`;
  const { forwarded, collapsed = false, stored = false, detail } = status;
  const parts = [
    `pg-ha-lab; fwd=${forwarded}`,
    ...(collapsed ? ['collapsed'] : []),
    ...(stored ? ['stored'] : []),
    ...(detail === undefined ? [] : [`detail=${detail}`]),
  ];
  return parts.join('; ');
}
