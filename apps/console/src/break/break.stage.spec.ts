import { describe, expect, it } from '@jest/globals';
import { breakStage, type BreakSituation, isReachedByButton } from './break.stage.js';

const situation = (changed: Partial<BreakSituation>): BreakSituation => ({
  activity: 'idle',
  chosen: null,
  lastRun: null,
  seenRun: null,
  ...changed,
});

describe('"Break it"', () => {
  it.each([
    ['choose', 'lists the faults at first', {}],
    ['choose', 'lists them while a load runs', { activity: 'load' }],
    ['predict', 'asks for a prediction when one is chosen', { chosen: 'leader-kill' }],
    ['on', 'shows the run that goes on, whatever was chosen', { activity: 'run', chosen: 'zombie' }],
    ['after', 'shows the outcome when the run is over', { lastRun: 'a' }],
    ['predict', 'asks again when another fault is chosen after a run', { lastRun: 'a', chosen: 'zombie' }],
    ['choose', 'lists the faults when the outcome was put aside', { lastRun: 'a', seenRun: 'a' }],
    ['after', 'shows the outcome of the next run', { lastRun: 'b', seenRun: 'a' }],
    ['elsewhere', 'says that another program breaks the lab', { activity: 'elsewhere', chosen: 'zombie' }],
  ] as const)('%s: %s', (stage, _title, changed) => {
    expect(breakStage(situation(changed))).toBe(stage);
  });

  it.each([
    ['choose', 'predict', true],
    ['predict', 'on', true],
    ['predict', 'choose', true],
    ['after', 'choose', true],
    ['predict', 'predict', false],
    ['choose', 'on', false],
    ['on', 'after', false],
    ['elsewhere', 'choose', false],
  ] as const)('comes from %s to %s by a button of its own: %s', (before, now, expected) => {
    expect(isReachedByButton(before, now)).toBe(expected);
  });
});
