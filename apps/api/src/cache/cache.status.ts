import { serializeBareItem, serializeParameters, Token, type BareItem } from 'structured-headers';

/** Why a request went on to the database, in the words of RFC 9211, section 2.2. */
export type Forwarded = 'uri-miss' | 'stale' | 'bypass';

/** What the cache did for a request. */
export type CacheStatus =
  | { readonly hit: true; readonly ttlSeconds: number }
  | {
      readonly hit: false;
      readonly forwarded: Forwarded;
      /** Another request read the same resource, and its answer served this one as well. */
      readonly collapsed?: boolean;
      readonly stored?: boolean;
      /** A word. */
      readonly detail?: string | undefined;
    };

const cache = serializeBareItem(new Token('pg-ha-lab'));

/** Value of the `Cache-Status` header (RFC 9211). */
export function cacheStatusHeader(status: CacheStatus): string {
  const parameters = new Map<string, BareItem>();
  if (status.hit) parameters.set('hit', true).set('ttl', status.ttlSeconds);
  else {
    const { forwarded, collapsed = false, stored = false, detail } = status;
    parameters.set('fwd', new Token(forwarded));
    if (collapsed) parameters.set('collapsed', true);
    if (stored) parameters.set('stored', true);
    if (detail !== undefined) parameters.set('detail', new Token(detail));
  }
  return cache + serializeParameters(parameters).replaceAll(';', '; ');
}
