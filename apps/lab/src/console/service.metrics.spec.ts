import { expect, it } from '@jest/globals';
import { instanceView, serviceView } from './service.metrics.js';

const metrics = (held: number) => `# HELP pgha_writes_in_flight Units of work.
# TYPE pgha_writes_in_flight gauge
pgha_writes_in_flight 7
pgha_writes_held ${held}
pgha_writes_total{outcome="committed"} 90
pgha_writes_total{outcome="replayed"} 2
pgha_cache_requests_total{result="hit"} 5
pgha_cache_requests_total{result="miss"} 3
pgha_cache_fills_total{outcome="stored"} 3
pgha_cache_fills_total{outcome="floor"} 1
pgha_cache_fills_total{outcome="pending"} 4
`;

it('adds up what the instances say, and counts as held only writes of an instance that holds them', () => {
  expect(serviceView([metrics(0), metrics(1)].map(instanceView))).toEqual({
    writesInFlight: 14,
    writesHeld: 7,
    replays: 4,
    cacheHits: 10,
    cacheMisses: 6,
    refusedFills: 10,
  });
});

it('knows nothing when no instance answers', () => {
  expect(serviceView([])).toBeNull();
});
