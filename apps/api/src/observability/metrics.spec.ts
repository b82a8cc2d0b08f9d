import { expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

/** Metrics of Node and of its process, whose names are the same in every service. */
const isShared = (name: string) => /^(?:process|nodejs)_/.test(name);
/** By the type of a metric; a gauge may end in anything. */
const endings: Readonly<Record<string, RegExp>> = { counter: /_total$/, histogram: /_(?:seconds|bytes)$/ };

it('names the metrics of the service with its prefix, and with the ending that Prometheus wants', async () => {
  const metrics = await new Metrics().registry.getMetricsAsJSON();
  const own = metrics.map(({ name, type }) => ({ name, type: String(type) })).filter(({ name }) => !isShared(name));

  expect(own.length).toBeGreaterThan(0);
  expect(own.filter(({ name, type }) => !/^pgha_[a-z_]+$/.test(name) || endings[type]?.test(name) === false)).toEqual(
    [],
  );
});
