import { describe, expect, it } from '@jest/globals';
import type { LabMode } from '../lab/lab.js';
import { refusalOf } from './session.js';

describe('A session', () => {
  it.each<[string, LabMode, RegExp | undefined]>([
    ['takes a lab as it is made', { paused: false, replication: 'quorum' }, undefined],
    ['refuses one in maintenance mode', { paused: true, replication: 'quorum' }, /patronictl resume$/],
    ['refuses one that waits for no standby', { paused: false, replication: 'async' }, /lab replication quorum$/],
    ['refuses one that waits for a named standby', { paused: false, replication: 'sync' }, /lab replication quorum$/],
  ])('%s', (_, mode, words) => {
    const refusal = refusalOf(mode);
    if (words === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(words);
  });
});
