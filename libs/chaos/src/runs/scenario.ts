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
  /** Replaces entries of what every run is held to. */
  readonly instead: Expectations;
  readonly swallower?: ((apiPort: number) => ReplySwallower) | undefined;
}

/** A fault as the catalogue has it, met by clients that behave. */
export const ordinary = (fault: Fault): Scenario => ({ fault, behaviour: requiredBehaviour, instead: {} });

/** A mutation, met by clients that behave as it says; its damage must be found. */
export const mutated = (mutation: Mutation): Scenario => ({
  fault: mutation,
  behaviour: mutation.behaviour,
  instead: mustBeCaught(mutation.caughtBy),
  swallower: mutation.swallower,
});

/** What every run of a scenario is held to. */
export const demandsOf = ({ fault, instead }: Pick<Scenario, 'fault' | 'instead'>): Demands => ({
  figures: { ...safety, ...fault.expects, ...instead },
  leadership: fault,
});

/** The scenario whose runs have this name; undefined where there is none any more. */
export const scenarioOf = (name: string): Scenario | undefined =>
  [...catalogue.map(ordinary), ...mutations().map(mutated)].find(({ fault }) => fault.name === name);
