import { describe, expect, it } from '@jest/globals';
import { type Activity, type Phase, phases } from '../../../../libs/live/src/protocol.js';
import { loadNote } from './load.note.js';

const run = (phase: Phase): Activity => ({
  kind: 'run',
  fault: 'leader-kill',
  phase,
  doing: '',
  sinceFaultMs: null,
  marks: [],
  prediction: null,
  healedEarly: false,
});

describe('What the page says of the load', () => {
  it.each<[string, Activity]>([
    ['nothing goes on', { kind: 'idle' }],
    ['there is a load', { kind: 'load', ratePerSecond: 50 }],
  ])('is nothing while %s', (_, activity) => expect(loadNote(activity)).toBe(''));

  it.each(phases)('says in the phase "%s" of a run whether there is one', (phase) => {
    expect(loadNote(run(phase))).toMatch(
      phase === 'checking' ? /^No load while/ : /^The run (brings|has) its own load/,
    );
  });
});
