import { pause } from '../../../cluster/src/wait.js';
import { pick } from '../random/random.js';
import type { Fault } from './fault.js';

const defaultDurationMs = 120_000;
const healthyBoundMs = 300_000;
const longestCalmMs = 8_000;
/** Random faults do not wait out the longest holds. */
const longestHoldMs = 25_000;

/** Fault after fault, each on a lab that is whole again and has caught up, in an order that the seed repeats. */
export const soak = (faults: readonly Fault[]): Fault => ({
  name: 'soak',
  title: 'random faults one after the other, for --duration (default 2 min)',
  expects: {},
  composite: true,
  holdMs: 0,
  async inject(first) {
    const { lab, nemesis, random, signal, say } = first;
    const endMs = performance.now() + (first.durationMs ?? defaultDurationMs);
    let context = first;
    while (performance.now() < endMs && !signal.aborted) {
      const fault = pick(random, faults);
      const skipped = await fault.precondition?.(context);
      if (skipped === undefined) {
        say(fault.name);
        await context.inject(fault, Math.min(fault.holdMs, longestHoldMs));
        await nemesis.heal();
        context.healed(fault);
        await lab.waitHealthy(healthyBoundMs, signal);
        await context.caughtUp();
      }
      await pause(random() * longestCalmMs, signal);
      context = await context.refreshed();
    }
  },
});
