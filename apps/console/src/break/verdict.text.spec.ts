import { describe, expect, it } from '@jest/globals';
import type { RunView } from '../../../../libs/live/src/protocol.js';
import { outcomeOf, verdictText } from './verdict.text.js';

const run = (figures?: object, skipped?: string): RunView =>
  ({ id: '1', scenario: 'leader-kill', startedAt: '', prediction: null, figures, skipped }) as RunView;

describe('The verdict of a run', () => {
  it.each([
    [
      run({ pass: true, writeGapMs: 21_400, lost: 0 }),
      'pass',
      'leader-kill: pass. No write for 21.4 s. Nothing acknowledged was lost.',
    ],
    [
      run({ pass: false, writeGapMs: null, lost: 3 }),
      'fail',
      'leader-kill: fail. No write gap was measured. 3 acknowledged writes were LOST.',
    ],
    [run(undefined, 'There is no tmpfs.'), 'skipped', 'leader-kill: skipped. There is no tmpfs.'],
  ])('%#: is a word, and a sentence', (view, outcome, sentence) => {
    expect([outcomeOf(view), verdictText(view)]).toEqual([outcome, sentence]);
  });
});
