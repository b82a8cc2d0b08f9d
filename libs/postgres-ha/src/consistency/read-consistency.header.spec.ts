import { describe, expect, it } from '@jest/globals';
import { parseReadConsistency } from './read-consistency.header.js';

describe('parseReadConsistency', () => {
  it.each([
    [undefined, { mode: 'session' }],
    ['session', { mode: 'session' }],
    [' Eventual ', { mode: 'eventual' }],
    ['strong', { mode: 'strong' }],
    ['bounded; max-staleness=500', { mode: 'bounded', maxStalenessMs: 500 }],
    ['bounded;max-staleness = 1', { mode: 'bounded', maxStalenessMs: 1 }],
    ['Bounded ;\tMax-Staleness=0500', { mode: 'bounded', maxStalenessMs: 500 }],
  ])('%p', (header, expected) => expect(parseReadConsistency(header)).toEqual(expected));

  it.each([
    '',
    'fresh',
    'strong; max-staleness=1',
    'bounded',
    'bounded; max-staleness',
    'bounded; max-staleness=0',
    'bounded; max-staleness=-1',
    'bounded; max-staleness=1.5',
    'bounded; max-staleness=3600001',
    'bounded; max-staleness=1; more=2',
    'eventual, strong',
    'eventual;',
    '"strong"',
    '1',
    'bounded; max-staleness="5"',
    'bounded; max-staleness=@5',
    'bounded; max-staleness=99999999999999999999',
    `bounded; ${'='.repeat(2_000)}`,
  ])('refuses %p', (header) => {
    expect(() => parseReadConsistency(header)).toThrow(expect.objectContaining({ code: 'read_consistency_invalid' }));
  });
});
