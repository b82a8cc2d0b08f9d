import { pause } from '../../../cluster/src/wait.js';
import { pick } from '../random/random.js';
import type { Fault } from './fault.js';

const defaultDurationMs = 120_000;
const healthyBoundMs = 300_000;
const longestCalmMs = 8_000;
/** Bounds the holds of random faults, of which some are longer. */
const longestHoldMs = 25_000;

/** Fault after fault, in a random order that the seed repeats. Each begins once the lab is healthy and no operation waits. */
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
