import { describe, expect, it } from '@jest/globals';
import type { Activity, Phase } from '../../../libs/live/src/protocol.js';
import { activityText, canHeal } from './activity.text.js';

const run = (phase: Phase, healedEarly = false): Activity => ({
  kind: 'run',
  fault: 'leader-kill',
  phase,
  doing: 'waits for another leader',
  sinceFaultMs: 1_000,
  marks: [],
  prediction: null,
  healedEarly,
});

describe('What the console does', () => {
  it.each([
    [{ kind: 'idle' }, 'No load, nothing broken.'],
    [{ kind: 'load', ratePerSecond: 50 }, 'Load of 50 operations per second, nothing broken.'],
    [{ kind: 'elsewhere', why: 'chaos run holds the lab.' }, 'chaos run holds the lab.'],
    [run('broken'), 'leader-kill: waits for another leader'],
  ] as const)('%j is said in words', (activity, text) => {
    expect(activityText(activity)).toBe(text);
  });

  it.each([
    [run('broken'), true],
    [run('baseline'), true],
    [run('broken', true), false],
    [run('checking'), false],
    [{ kind: 'elsewhere', why: 'chaos run has left it broken.' }, true],
    [{ kind: 'idle' }, false],
  ] as const)('%j can be healed: %p', (activity, expected) => {
    expect(canHeal(activity)).toBe(expected);
  });
});
