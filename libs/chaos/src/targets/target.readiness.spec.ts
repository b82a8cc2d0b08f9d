import { describe, expect, it } from '@jest/globals';
import type { FoundSchema } from './judge.schema.js';
import { readinessFrom, type Known } from './target.readiness.js';
import type { TargetFault } from './target.schema.js';

const fault = (expects: TargetFault['expects']) => ({ expects }) as TargetFault;
const target = { faults: { kill: fault({ writeGapMs: { max: 1 } }), diverge: fault({ divergentRows: { max: 0 } }) } };
const none: FoundSchema = { exists: false, mayCreate: true };
const marker = { madeBy: 'postgres-ha-judge', token: 'prepared', madeAt: 'yesterday' };
const known: Known = { target, untold: [{ figure: 'divergentRows', reason: 'no members' }], schema: none };

const noRight = /^this login may create no schema/;
const notJudged = /^diverge expects divergentRows, which is not judged here: no members$/;
const notHealthy = /^pg-b is away\. Only a healthy cluster is broken$/;

describe('Faults of a target', () => {
  it.each<[string, Known, 'create' | 'use']>([
    ['in a schema that the judge makes', known, 'create'],
    ['in one that an owner has prepared', { ...known, schema: { exists: true, mayCreate: false, marker } }, 'use'],
  ])('may be run %s', (_, all, schema) => {
    expect(readinessFrom(all, ['kill'])).toEqual({ schema });
  });

  it.each<[string, Known, string[], RegExp[]]>([
    ['without a right to make the schema', { ...known, schema: { ...none, mayCreate: false } }, ['kill'], [noRight]],
    [
      'where a schema of that name is not the own',
      { ...known, schema: { ...none, exists: true } },
      ['kill'],
      [/^there is a schema postgres_ha_judge that this program has not made/],
    ],
    ['where one expects what is not judged', known, ['kill', 'diverge'], [notJudged]],
    ['while the cluster is not healthy', { ...known, unhealthy: 'pg-b is away' }, ['kill'], [notHealthy]],
    [
      'for several reasons, of which all are said',
      { ...known, schema: { ...none, mayCreate: false }, unhealthy: 'pg-b is away' },
      ['diverge'],
      [notJudged, notHealthy, noRight],
    ],
  ])('may not be run %s', (_, all, faults, refusals) => {
    expect(readinessFrom(all, faults)).toEqual({ refusals: refusals.map((reason) => expect.stringMatching(reason)) });
  });
});
