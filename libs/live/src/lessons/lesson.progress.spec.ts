import { describe, expect, it } from '@jest/globals';
import type { Facts, Lesson } from './lesson.js';
import { acted, advanced, begun, isOver, observed, type Progress } from './lesson.progress.js';

let answer: boolean | undefined;
const facts = {} as Facts;
const check = { says: 'It holds.', holds: () => answer };
const lesson: Lesson = {
  id: 'one',
  title: 'One',
  minutes: 2,
  about: '',
  steps: [
    { text: 'read' },
    { text: 'act', does: { kind: 'heal' } },
    { text: 'act and see', does: { kind: 'load', ratePerSecond: 10 }, check },
    { text: 'see', check },
  ],
};
const at = (index: number): Progress => ({ ...begun(lesson), at: index });
const done = ({ steps }: Progress) => steps.map((step) => step.done);

describe('The progress of a lesson', () => {
  it('is at the first step at first, with nothing done', () => {
    expect(begun(lesson).at).toBe(0);
    expect(done(begun(lesson))).toEqual([false, false, false, false]);
  });

  it('counts a step that is only to be read as done when the reader goes on', () => {
    const next = advanced(begun(lesson));
    expect([next.at, done(next)[0]]).toEqual([1, true]);
  });

  it('counts a step with an action and no check as done when the action was taken', () => {
    expect(done(acted(at(1), 1))[1]).toBe(true);
  });

  it('leaves a step open whose action was taken and whose check does not hold yet', () => {
    expect(done(acted(at(2), 2))[2]).toBe(false);
  });

  it('leaves a step open that was skipped', () => {
    const next = advanced(at(2));
    expect([next.at, done(next)[2]]).toEqual([3, false]);
  });

  it('looks at the check of a step that was skipped, and not at those of steps to come', () => {
    answer = true;
    expect(done(observed(at(2), facts))).toEqual([false, false, true, false]);
    expect(done(observed(at(3), facts))).toEqual([false, false, true, true]);
  });

  it('keeps a check that has held, whatever comes later', () => {
    answer = true;
    const held = observed(at(2), facts);
    answer = false;
    expect(observed(held, facts)).toBe(held);
  });

  it('tells a check that is not known yet from one that does not hold', () => {
    answer = undefined;
    const unknown = observed(at(2), facts);
    answer = false;
    expect([unknown.steps[2]?.holds, observed(unknown, facts).steps[2]?.holds]).toEqual([undefined, false]);
  });

  it('is over after the last step, and stays so', () => {
    const over = advanced(at(3));
    expect([isOver(at(3)), isOver(over)]).toEqual([false, true]);
    expect(advanced(over)).toBe(over);
  });
});
