import { describe, expect, it } from '@jest/globals';
import { create, read } from '../../test/support/operations.js';
import type { Operation } from '../history/operation.js';
import { longestGap } from './gap.checker.js';

const ok = (endedMs: number) => create('k', [endedMs - 1, endedMs]);
const failed = (invokedMs: number) => create('k', [invokedMs, invokedMs + 1], { outcome: 'failed' });

describe('longestGap', () => {
  it.each<[string, Operation[], number | undefined, object | undefined]>([
    ['of steady writes', [ok(10), ok(20), ok(30)], 15, { gapMs: 10, recovered: true }],
    ['around the fault', [ok(10), ok(20), failed(25), ok(500), ok(510)], 21, { gapMs: 480, fromMs: 20, toMs: 500 }],
    ['not before the fault', [ok(10), ok(500), ok(510), ok(530)], 505, { gapMs: 20 }],
    ['without a fault', [ok(10), ok(500), ok(510)], undefined, { gapMs: 490 }],
    ['that never ended', [ok(10), failed(20), failed(900)], 15, { gapMs: 890, recovered: false }],
    ['of writes that never succeeded', [failed(20), failed(900)], 15, { gapMs: 880, recovered: false }],
    ['unordered', [ok(510), ok(500), ok(10)], undefined, { gapMs: 490 }],
    ['of nothing', [], 15, undefined],
    ['of nothing attempted after the fault', [ok(10)], 15, undefined],
    ['of reads only', [read('unique', 'k', 1, [10, 20])], undefined, undefined],
  ])('%s', (_, history, faultMs, gap) => {
    const found = longestGap(history, ({ action }) => action === 'write', faultMs);
    if (gap === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(gap);
  });
});
