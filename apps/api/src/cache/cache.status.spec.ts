import { describe, expect, it } from '@jest/globals';
import { cacheStatusHeader } from './cache.status.js';

describe('cacheStatusHeader', () => {
  it.each([
    [{ hit: true, ttlSeconds: 23 }, 'pg-ha-lab; hit; ttl=23'],
    [{ hit: false, forwarded: 'uri-miss', stored: true }, 'pg-ha-lab; fwd=uri-miss; stored'],
    [{ hit: false, forwarded: 'stale', stored: false, detail: 'floor' }, 'pg-ha-lab; fwd=stale; detail=floor'],
    [{ hit: false, forwarded: 'uri-miss', collapsed: true }, 'pg-ha-lab; fwd=uri-miss; collapsed'],
    [{ hit: false, forwarded: 'bypass' }, 'pg-ha-lab; fwd=bypass'],
    [{ hit: false, forwarded: 'bypass', detail: 'unavailable' }, 'pg-ha-lab; fwd=bypass; detail=unavailable'],
  ] as const)('%j: %s', (status, header) => expect(cacheStatusHeader(status)).toBe(header));
});
