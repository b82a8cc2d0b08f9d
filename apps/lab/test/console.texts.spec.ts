import { describe, expect, it } from '@jest/globals';
import { catalogue } from '../../../libs/chaos/src/faults/catalogue.js';
import { faultTexts } from '../src/console/fault.texts.js';
import { lessons } from '../../../libs/live/src/lessons/lessons.js';

const mustDo = (name: string) => faultTexts[name]?.mustDo;
const seconds = (ms: number | undefined) => (ms === undefined ? undefined : `${ms / 1_000} s`);

describe('The texts of the console', () => {
  it('describe the faults of the catalogue, and no others', () => {
    expect(Object.keys(faultTexts).toSorted()).toEqual(catalogue.map(({ name }) => name).toSorted());
  });

  it.each(catalogue)('name the bounds of $name', ({ name, expects }) => {
    for (const bound of [expects.writeGapMs?.max, expects.readGapMs?.max, expects.recoveryRtoMs?.max])
      expect(mustDo(name)).toContain(seconds(bound) ?? '');
  });

  it.each(catalogue)('say of $name that no HTTP request fails just where that is judged', ({ name, expects }) => {
    expect(/no (write and no )?HTTP request fails/.test(mustDo(name) ?? '')).toBe(expects.httpFailed?.max === 0);
  });

  it.each(catalogue.filter(({ failover }) => failover !== undefined))(
    'do not say of $name that another member leads where none may',
    ({ name, failover }) => {
      const says = mustDo(name);
      if (failover === false) expect(says).not.toMatch(/another (member|one) leads/i);
      else expect(says).toMatch(/(another member|the member that was named) leads/i);
    },
  );
});

describe('The lessons of the console', () => {
  it('are eight under ids of their own', () => {
    expect(new Set(lessons.map(({ id }) => id)).size).toBe(8);
    expect(lessons).toHaveLength(8);
  });

  it.each(lessons)('$id takes two to five minutes, by whole minutes', ({ minutes }) => {
    expect([2, 3, 4, 5]).toContain(minutes);
  });

  it.each(lessons)('$id uses faults of the catalogue', ({ steps }) => {
    const names = catalogue.map(({ name }) => name);
    for (const { does } of steps) if (does?.kind === 'break') expect(names).toContain(does.fault);
  });
});
