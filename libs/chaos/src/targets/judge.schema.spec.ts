import { describe, expect, it } from '@jest/globals';
import { type FoundSchema, meansNoMarker, preparingSql, schemaFate } from './judge.schema.js';

const marker = { madeBy: 'postgres-ha-judge', token: 'c0ffee', madeAt: '2026-11-28' };

describe('The schema of the judge', () => {
  it.each<[string, FoundSchema, string]>([
    ['is made where there is none', { exists: false, mayCreate: true }, 'create'],
    ['is asked for where the login may make none', { exists: false, mayCreate: false }, 'GRANT CREATE ON DATABASE'],
    ['is left alone where it has no marker', { exists: true, mayCreate: true }, 'that this program has not made'],
    [
      'is left alone where its marker is of another program',
      { exists: true, mayCreate: true, marker: { ...marker, madeBy: 'x' } },
      'that this program has not made',
    ],
    ['is left alone where another run has made it', { exists: true, mayCreate: true, marker }, 'since 2026-11-28'],
    [
      'is used where an owner has prepared it',
      { exists: true, mayCreate: false, marker: { ...marker, token: 'prepared' } },
      'use',
    ],
  ])('%s', (_, found, expected) => {
    const fate = schemaFate(found);
    expect(fate.do === 'refuse' ? fate.why : fate.do).toContain(expected);
  });

  it.each([
    ['42P01', true],
    ['42703', true],
    ['3F000', true],
    ['42501', true],
    ['57P01', false],
    ['ECONNREFUSED', false],
    [undefined, false],
  ])('has no marker that can be read, or it is not known: %s', (code, expected) => {
    expect(meansNoMarker(Object.assign(new Error('x'), { code }))).toBe(expected);
  });

  it('is prepared for a login of any name, with no more than reading and writing rows', () => {
    const sql = preparingSql('Odd"name');
    expect(sql).toContain('TO "Odd""name"');
    expect(sql.match(/GRANT .* ON/g)).toEqual([
      'GRANT USAGE ON',
      'GRANT SELECT ON',
      'GRANT SELECT, INSERT, UPDATE, DELETE ON',
    ]);
  });
});
