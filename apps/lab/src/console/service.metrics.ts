import { cacheRefusals } from './cache.result.js';
import type { ServiceView } from '../../../../libs/live/src/protocol.js';

/** What the instances say of themselves, added up; null where none says anything. */
export function serviceView(instances: readonly ServiceView[]): ServiceView | null {
  const [first, ...others] = instances;
  if (first === undefined) return null;
  return others.reduce(
    (a, b) => ({
      writesInFlight: a.writesInFlight + b.writesInFlight,
      writesHeld: a.writesHeld + b.writesHeld,
      replays: a.replays + b.replays,
      cacheHits: a.cacheHits + b.cacheHits,
      cacheMisses: a.cacheMisses + b.cacheMisses,
      refusedFills: a.refusedFills + b.refusedFills,
    }),
    first,
  );
}

/** What one instance says of itself. @param text its metrics, in Prometheus' text format */
export function instanceView(text: string): ServiceView {
  const value = (series: string): number => {
    const start = text.indexOf(`\n${series} `);
    return start === -1 ? 0 : Number.parseFloat(text.slice(start + series.length + 2));
  };
  const writesInFlight = value('pgha_writes_in_flight');
  return {
    writesInFlight,
    // The service holds all of its writes or none.
    writesHeld: value('pgha_writes_held') === 1 ? writesInFlight : 0,
    replays: value('pgha_writes_total{outcome="replayed"}'),
    cacheHits: value('pgha_cache_requests_total{result="hit"}'),
    cacheMisses: value('pgha_cache_requests_total{result="miss"}'),
    refusedFills: cacheRefusals.reduce((sum, why) => sum + value(`pgha_cache_fills_total{outcome="${why}"}`), 0),
  };
}
