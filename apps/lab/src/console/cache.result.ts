/** Why the cache does not keep an answer: it is, or may be, older than what was acknowledged. */
export const cacheRefusals = ['floor', 'pending', 'older', 'epoch', 'unproven'];

/** What the cache did, by the header `Cache-Status` (RFC 9211): `pg-ha-lab; fwd=uri-miss; stored`. */
export function cacheResultOf(header: string): {
  readonly isHit: boolean;
  readonly isRefused: boolean;
} {
  const parameters = header.split(';').map((parameter) => parameter.trim());
  return {
    isHit: parameters.includes('hit') || parameters.includes('collapsed'),
    isRefused: cacheRefusals.some((why) => parameters.includes(`detail=${why}`)),
  };
}
