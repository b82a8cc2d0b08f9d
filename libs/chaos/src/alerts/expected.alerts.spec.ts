import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { catalogue } from '../faults/catalogue.js';
import { alertHoldMs, expectedAlerts } from './expected.alerts.js';

const alerts = [...readFileSync('infra/observability/prometheus/alerts.yml', 'utf8').matchAll(/- alert: (\w+)/g)].map(
  ([, name = '']) => name,
);

describe('The table of faults and their alerts', () => {
  it('has every fault but `soak`, which injects any of the others', () => {
    const faults = catalogue.map(({ name }) => name).filter((name) => name !== 'soak');

    expect(Object.keys(expectedAlerts).toSorted()).toEqual(faults.toSorted());
  });

  it('names alerts that there are, each in one of the two lists', () => {
    for (const [fault, { raises, mayRaise = [] }] of Object.entries(expectedAlerts)) {
      const required = raises.map(({ alert }) => alert);
      const possible = [...new Set(mayRaise)];

      expect({ fault, unknown: [...required, ...possible].filter((name) => !alerts.includes(name)) }).toEqual({
        fault,
        unknown: [],
      });
      expect({ fault, twice: required.filter((name) => possible.includes(name)) }).toEqual({ fault, twice: [] });
    }
  });

  it.each([
    ['majority-kill', 70_000],
    ['edge-move', 0],
    ['soak', 0],
  ])('lets %s last for %d ms, so that its alerts fire', (fault, holdMs) => expect(alertHoldMs(fault)).toBe(holdMs));
});
