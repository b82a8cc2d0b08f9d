import { expect, it } from '@jest/globals';
import { cacheResultOf } from './cache.result.js';

it.each([
  ['pg-ha-lab; hit; ttl=50', { isHit: true, isRefused: false }],
  ['pg-ha-lab; fwd=uri-miss; collapsed', { isHit: true, isRefused: false }],
  ['pg-ha-lab; fwd=uri-miss; stored', { isHit: false, isRefused: false }],
  ['pg-ha-lab; fwd=stale; detail=pending', { isHit: false, isRefused: true }],
  ['pg-ha-lab; fwd=bypass; detail=unavailable', { isHit: false, isRefused: false }],
  ['', { isHit: false, isRefused: false }],
])('reads what the cache did: %s', (header, result) => {
  expect(cacheResultOf(header)).toEqual(result);
});
