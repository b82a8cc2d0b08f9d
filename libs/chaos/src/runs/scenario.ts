import type { Demands } from '../assembly/run.assembly.js';
import { type Expectations, safety } from '../checkers/verdict.js';
import { catalogue } from '../faults/catalogue.js';
import type { Fault } from '../faults/fault.js';
import { requiredBehaviour, type HttpBehaviour } from '../load/http.client.js';
import { mustBeCaught, type Mutation } from '../mutations/mutation.js';
import { mutations } from '../mutations/mutations.js';
import type { ReplySwallower } from '../mutations/reply.swallower.js';

/** A fault, how clients behave meanwhile, and the bounds of the run. */
export interface Scenario {
  readonly fault: Fault;
  readonly behaviour: HttpBehaviour;
  /** Bounds that replace those of the fault and of all runs. */
  readonly overrides: Expectations;
  readonly swallower?: ((apiPort: number) => ReplySwallower) | undefined;
}

/** The scenario of a fault of the catalogue: clients behave as the service requires. */
export const ordinary = (fault: Fault): Scenario => ({ fault, behaviour: requiredBehaviour, overrides: {} });

/** The scenario of a mutation: clients behave as it says, and its damage must be found. */
export const mutated = (mutation: Mutation): Scenario => ({
  fault: mutation,
  behaviour: mutation.behaviour,
  overrides: mustBeCaught(mutation.caughtBy),
  swallower: mutation.swallower,
});

/** What every run of a scenario must show. */
export const demandsOf = ({ fault, overrides }: Pick<Scenario, 'fault' | 'overrides'>): Demands => ({
  figures: { ...safety, ...fault.expects, ...overrides },
  leadership: fault,
});

/** The scenario of this name; undefined where there is none any more. */
export const scenarioOf = (name: string): Scenario | undefined =>
  [...catalogue.map(ordinary), ...mutations().map(mutated)].find(({ fault }) => fault.name === name);
