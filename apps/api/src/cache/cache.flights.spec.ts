import { describe, expect, it } from '@jest/globals';
import { CacheFlights } from './cache.flights.js';

const boundMs = 20;

describe('CacheFlights', () => {
  it('lets others wait for the one that reads, thing by thing', async () => {
    const flights = new CacheFlights(10_000);
    const flight = flights.begin('a');
    expect([flights.underWay('a'), flights.underWay('b')]).toEqual([flight, undefined]);
    flight.land();
    await flight.landed;
    expect(flights.underWay('a')).toBeUndefined();
  });

  it('lets nobody wait for longer than the bound, and keeps nothing of a flight that never lands', async () => {
    const flights = new CacheFlights(boundMs);
    await flights.begin('a').landed;
    expect(flights.size).toBe(0);
  });
});
