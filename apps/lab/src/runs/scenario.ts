import type { Expectations } from '../checkers/verdict.js';
import type { Fault } from '../faults/fault.js';
import { goodHabits, type HttpHabits } from '../load/http.client.js';
import { mustBeCaught, type Mutation } from '../mutations/mutation.js';
import type { ReplySwallower } from '../mutations/reply.swallower.js';

/** A fault, who meets it, and what is expected of the run. */
export interface Scenario {
  readonly fault: Fault;
  readonly habits: HttpHabits;
  /** Replaces entries of what every run is held to. */
  readonly instead: Expectations;
  readonly swallower?: ((apiPort: number) => ReplySwallower) | undefined;
}

/** A fault as the catalogue has it, met by clients that behave. */
export const ordinary = (fault: Fault): Scenario => ({ fault, habits: goodHabits, instead: {} });

/** A mutation, met by clients that behave as it says; its damage must be found. */
export const mutated = (mutation: Mutation): Scenario => ({
  fault: mutation,
  habits: mutation.habits,
  instead: mustBeCaught(mutation.caughtBy),
  swallower: mutation.swallower,
});
