import type { Demands } from '../assembly/run.assembly.js';
import { type Expectations, safety } from '../checkers/verdict.js';
import { catalogue } from '../faults/catalogue.js';
import type { Fault } from '../faults/fault.js';
import { requiredBehaviour, type HttpBehaviour } from '../load/http.client.js';
import { mustBeCaught, type Mutation } from '../mutations/mutation.js';
import { mutations } from '../mutations/mutations.js';
import type { ReplySwallower } from '../mutations/reply.swallower.js';

/** A fault, who meets it, and what is expected of the run. */
export interface Scenario {
  readonly fault: Fault;
  readonly behaviour: HttpBehaviour;
  /** Bounds that replace those of the fault and of all runs. */
  readonly overrides: Expectations;
  readonly swallower?: ((apiPort: number) => ReplySwallower) | undefined;
}

/** A fault as the catalogue has it, met by clients that behave. */
export const ordinary = (fault: Fault): Scenario => ({ fault, behaviour: requiredBehaviour, overrides: {} });

/** A mutation, met by clients that behave as it says; its damage must be found. */
export const mutated = (mutation: Mutation): Scenario => ({
  fault: mutation,
  behaviour: mutation.behaviour,
  overrides: mustBeCaught(mutation.caughtBy),
  swallower: mutation.swallower,
});

/** What every run of a scenario is held to. */
export const demandsOf = ({ fault, overrides }: Pick<Scenario, 'fault' | 'overrides'>): Demands => ({
  figures: { ...safety, ...fault.expects, ...overrides },
  leadership: fault,
});

/** The scenario whose runs have this name; undefined where there is none any more. */
export const scenarioOf = (name: string): Scenario | undefined =>
  [...catalogue.map(ordinary), ...mutations().map(mutated)].find(({ fault }) => fault.name === name);
