import { describe, expect, it } from '@jest/globals';
import { faultsAfter, marksOf } from './fault.marks.js';

describe('The faults that are on', () => {
  it.each([
    ['begin with their injection', [], { kind: 'fault', detail: 'zombie' }, ['zombie']],
    ['are each once', ['zombie'], { kind: 'fault', detail: 'zombie' }, ['zombie']],
    ['may be two', ['zombie'], { kind: 'fault', detail: 'api-kill' }, ['zombie', 'api-kill']],
    ['all end when everything is healed', ['zombie', 'api-kill'], { kind: 'healed' }, []],
    ['end one by one in a soak', ['zombie', 'api-kill'], { kind: 'healed', detail: 'zombie' }, ['api-kill']],
    ['do not end with a failover', ['zombie'], { kind: 'promoted' }, ['zombie']],
  ] as const)('%s', (_, active, event, expected) => {
    expect(faultsAfter(active, event)).toEqual(expected);
  });
});

it('tells Prometheus which faults are on, and which have ended', () => {
  const mark = (fault: string, value: number) => ({
    labels: { __name__: 'pgha_fault_active', fault, job: 'chaos' },
    value,
    atMs: 123,
  });

  expect(marksOf(['zombie', 'edge-cut'], ['edge-cut', 'api-kill'], 123)).toEqual([
    mark('zombie', 0),
    mark('edge-cut', 1),
    mark('api-kill', 1),
  ]);
});
