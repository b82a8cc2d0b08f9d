import { describe, expect, it } from '@jest/globals';
import { endAndHeal } from './worker.end.js';

describe('The end of a worker', () => {
  it.each([
    ['ends the load first', undefined, undefined, undefined],
    ['heals also where the load cannot be ended, and says why it cannot', 'no space left', undefined, 'no space left'],
    ['says that it could not heal', undefined, 'not healed', 'not healed'],
    [
      'says rather that it could not heal than why the load cannot be ended',
      'no space left',
      'not healed',
      'not healed',
    ],
  ])('%s', async (_, loadFails, healingFails, thrown) => {
    const done: string[] = [];
    const step = (name: string, failure: string | undefined) => async () => {
      done.push(name);
      if (failure !== undefined) throw new Error(failure);
    };
    const error: unknown = await endAndHeal(step('load', loadFails), step('heal', healingFails)).catch(
      (caught: unknown) => caught,
    );
    expect(done).toEqual(['load', 'heal']);
    expect((error as Error | undefined)?.message).toBe(thrown);
  });
});
