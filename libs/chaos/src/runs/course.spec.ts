import { describe, expect, it } from '@jest/globals';
import { runCourse, type CourseSteps } from './course.js';
import type { TrialBase } from './trial.base.js';

const steps: CourseSteps = { inject: async () => undefined };

/** What a course that is interrupted at once does to its trial, whose first attempts to heal fail. */
async function interrupted(failures: number, changes: Partial<CourseSteps> = {}) {
  const done: string[] = [];
  let attempts = 0;
  const trial = {
    start: async () => undefined,
    nowMs: () => 0,
    caughtUp: async () => undefined,
    settle: async () => undefined,
    heal: async () => {
      attempts += 1;
      done.push('heal');
      if (attempts <= failures) throw new Error('not now');
    },
    stop: async () => done.push('stop'),
    discardRows: async () => done.push('discardRows'),
  } as unknown as TrialBase;
  const signal = AbortSignal.abort(new Error('interrupted'));
  const error: unknown = await runCourse(trial, { ...steps, ...changes }, { signal, say: () => undefined }).catch(
    (caught: unknown) => caught,
  );
  return { done, error: (error as Error).message };
}

describe('A course', () => {
  it.each([
    ['heals once', 0, ['heal', 'stop', 'discardRows']],
    ['heals again at its end where that failed', 1, ['heal', 'heal', 'stop', 'discardRows']],
    ['ends the load also where nothing could be healed', 2, ['heal', 'heal', 'stop', 'discardRows']],
  ])('%s', async (_, failures, done) => {
    expect(await interrupted(failures)).toEqual({ done, error: 'interrupted' });
  });

  it('heals and ends the load where it could not begin', async () => {
    const before = () => Promise.reject(new Error('no Prometheus'));
    expect(await interrupted(0, { before })).toEqual({ done: ['heal', 'stop', 'discardRows'], error: 'no Prometheus' });
  });

  it('ends the load where its own end fails', async () => {
    const end = () => Promise.reject(new Error('no end'));
    expect(await interrupted(0, { end })).toEqual({ done: ['heal', 'stop', 'discardRows'], error: 'no end' });
  });
});
