import { describe, expect, it } from '@jest/globals';
import { create, memberState } from '../../test/support/operations.js';
import { checkRecovery } from './recovery.checker.js';

const disaster = { invokedMs: 100, endedMs: 110 };
const failed = { outcome: 'failed' } as const;
const unknown = { outcome: 'unknown' } as const;

describe('checkRecovery', () => {
  it.each([
    // Attempts to create one row, whether it was restored; before, missing, extra, in flight.
    ['acknowledged before, restored', [create('a', [1, 2])], true, 1, 0, 0, 0],
    ['acknowledged before, not restored', [create('a', [1, 2])], false, 1, 1, 0, 0],
    ['sent before, acknowledged during, restored', [create('a', [99, 101])], true, 0, 0, 0, 1],
    ['sent before, acknowledged during, not restored', [create('a', [99, 101])], false, 0, 0, 0, 1],
    ['sent afterwards, not restored', [create('a', [111, 112])], false, 0, 0, 0, 0],
    ['sent afterwards, restored', [create('a', [111, 112])], true, 0, 0, 1, 0],
    ['unknown, sent before, restored', [create('a', [1, 2], unknown)], true, 0, 0, 0, 1],
    ['unknown, sent afterwards, restored', [create('a', [111, 112], unknown)], true, 0, 0, 1, 0],
    ['failed, not restored', [create('a', [1, 2], failed)], false, 0, 0, 0, 0],
    ['failed, restored', [create('a', [1, 2], failed)], true, 0, 0, 1, 0],
    ['failed, repeated with success before', [create('a', [1, 2], failed), create('a', [3, 4])], false, 1, 1, 0, 0],
    ['sent before, repeated afterwards', [create('a', [1, 2], unknown), create('a', [111, 112])], true, 0, 0, 0, 1],
  ])('%s', (_, history, isRestored, before, missing, extra, inFlight) => {
    const restored = memberState(isRestored ? { a: 1 } : {});
    const outcome = checkRecovery(history, { disaster, restored });
    expect({ ...outcome, missing: outcome.missing.count, extra: outcome.extra.count }).toEqual({
      before,
      missing,
      extra,
      inFlight,
    });
  });
});
