import { expect, it } from '@jest/globals';
import { undoBoundMs } from '../../../../libs/chaos/src/faults/healing.js';
import { scriptBoundMs } from '../../../../libs/cluster/src/lab.js';
import { endBoundMs } from './worker.process.js';

it('A worker may take as long to end as a command that breaks something, and healing twice by commands that fail', () => {
  expect(endBoundMs).toBeGreaterThan(scriptBoundMs + 2 * undoBoundMs(scriptBoundMs));
});
