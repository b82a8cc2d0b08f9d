import { safety, type Expectations } from '../checkers/verdict.js';
import type { Fault } from '../faults/fault.js';
import type { HttpBehaviour } from '../load/http.client.js';
import type { ReplySwallower } from './reply.swallower.js';

/** A fault with one protection taken away, to prove that the checker of one figure finds the damage. */
export interface Mutation extends Fault {
  /** The figure that must show the damage. */
  readonly caughtBy: keyof typeof safety;
  readonly behaviour: HttpBehaviour;
  /** Makes a proxy that HTTP clients go through. */
  readonly swallower?: (apiPort: number) => ReplySwallower;
}

/** The bounds of a mutation: its figure must show damage. The others are not judged, for one loss shows in several figures. */
export function mustBeCaught(caughtBy: keyof typeof safety): Expectations {
  const unjudged = Object.fromEntries(Object.keys(safety).map((name) => [name, {}]));
  return { ...unjudged, acked: safety.acked, [caughtBy]: { min: 1 } };
}
