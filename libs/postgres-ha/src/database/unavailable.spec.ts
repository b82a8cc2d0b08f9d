import { describe, expect, it } from '@jest/globals';
import type { Phase } from './failure.table.js';
import { unavailableWhenAway } from './unavailable.js';

const failed = (code: string) => Object.assign(new Error(code), { code });

describe('unavailableWhenAway', () => {
  it.each<[code: string, phase: Phase, problem: string]>([
    ['ECONNREFUSED', 'working', 'database_unavailable'],
    ['57P01', 'committing', 'write_outcome_unknown'],
    ['53100', 'working', 'database_disk_full'],
    ['53100', 'committing', 'database_disk_full'],
    ['28P01', 'working', 'database_access_refused'],
    ['28000', 'working', 'database_access_refused'],
    ['3D000', 'working', 'database_access_refused'],
    ['42501', 'working', 'database_access_refused'],
    ['25006', 'working', 'read_only'],
  ])('answers %s while %s with %s', (code, phase, problem) => {
    expect(unavailableWhenAway(failed(code), phase)).toMatchObject({ code: problem });
  });

  it.each(['28P01', '28000', '3D000', '42501', 'ECONNREFUSED'])('says of %s that nothing was written', (code) => {
    expect(unavailableWhenAway(failed(code))).toMatchObject({
      detail: expect.stringMatching(/nothing was written|has written nothing/),
    });
  });

  it("leaves the caller's own error as it is", () => {
    const error = failed('23505');
    expect(unavailableWhenAway(error)).toBe(error);
  });
});
