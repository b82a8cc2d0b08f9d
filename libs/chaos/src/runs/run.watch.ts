import type { Operation } from '../history/operation.js';
import type { RunEvent } from '../history/run.event.js';

/** The parts of a run, in order. */
export const runPhases = ['baseline', 'fault', 'healing', 'settling', 'catching up', 'checking'] as const;
/** See {@link runPhases}. */
export type RunPhase = (typeof runPhases)[number];

/** Sees a run while it goes on. Times are milliseconds since the start of the run. Nothing that it does may throw. */
export interface RunWatch {
  phase?(phase: RunPhase): void;
  /** The load has begun. `waiting` tells how many operations have no answer now: sent, or still without a free client. */
  loadBegins?(waiting: () => number): void;
  /** An operation has ended. */
  operation?(operation: Operation): void;
  event?(event: RunEvent): void;
  /** The load is being ended: from here on a time without a success says nothing. */
  loadEnds?(): void;
}
