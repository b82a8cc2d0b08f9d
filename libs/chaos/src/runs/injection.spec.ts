import { describe, expect, it } from '@jest/globals';
import type { Fault, FaultContext } from '../faults/fault.js';
import { injectFault } from './injection.js';

/** The steps of one injection, in their order. */
async function injected(change: Partial<Fault>, signal = new AbortController().signal): Promise<string[]> {
  const done: string[] = [];
  const fault: Fault = {
    name: 'trouble',
    title: 'trouble',
    expects: {},
    holdMs: 0,
    inject: async () => void done.push('broken'),
    ...change,
  };
  const context: Partial<FaultContext> = { leader: 'patroni1', signal, say: () => undefined };
  await injectFault(fault, fault.holdMs, context as FaultContext, ({ kind, detail }) =>
    done.push(`${kind} ${detail}`),
  ).catch((error: Error) => done.push(error.message));
  return done;
}

describe('An injection', () => {
  it('becomes an event before anything breaks', async () => {
    expect(await injected({})).toEqual(['fault trouble', 'broken']);
  });

  it('of a composite fault is no event itself', async () => {
    expect(await injected({ composite: true })).toEqual(['broken']);
  });

  it('breaks nothing after Ctrl-C', async () => {
    expect(await injected({}, AbortSignal.abort(new Error('interrupted')))).toEqual(['interrupted']);
  });
});
