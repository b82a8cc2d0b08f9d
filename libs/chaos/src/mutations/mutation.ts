import { safety, type Expectations } from '../checkers/verdict.js';
import type { Fault } from '../faults/fault.js';
import type { HttpBehaviour } from '../load/http.client.js';
import type { ReplySwallower } from './reply.swallower.js';

/** The lab with one protection taken away. A checker that finds nothing then is blind. */
export interface Mutation extends Fault {
  /** The figure that must show it. */
  readonly caughtBy: keyof typeof safety;
  readonly behaviour: HttpBehaviour;
  /** HTTP clients go through it. */
  readonly swallower?: (apiPort: number) => ReplySwallower;
}

/** The mutation must show, and what else it breaks is not judged: one loss has many faces. */
export function mustBeCaught(caughtBy: keyof typeof safety): Expectations {
  const unjudged = Object.fromEntries(Object.keys(safety).map((name) => [name, {}]));
  return { ...unjudged, acked: safety.acked, [caughtBy]: { min: 1 } };
}
