import type { ClientView, Phase, PhaseMark } from '../../../../libs/live/src/protocol.js';

/** What the console tells its worker. */
export type Order =
  /** Starts or changes the load. */
  | { readonly kind: 'load'; readonly ratePerSecond: number }
  /** Does one run, into `folder`. */
  | { readonly kind: 'run'; readonly fault: string; readonly ratePerSecond: number; readonly folder: string }
  /** Heals the fault of the run that goes on now. */
  | { readonly kind: 'heal' };

/** What the worker tells the console. It ends when the console disconnects from it. */
export type Report =
  /** The lab is the worker's, and healthy. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'client'; readonly client: ClientView }
  | { readonly kind: 'phase'; readonly phase: Phase }
  | { readonly kind: 'doing'; readonly text: string }
  /** `faultAtMs`: wall clock, milliseconds since 1970. */
  | { readonly kind: 'mark'; readonly mark: PhaseMark; readonly faultAtMs: number }
  /** The run has been judged; its files are in its folder. */
  | { readonly kind: 'runEnded'; readonly line: string }
  /** The worker ends; what went wrong, and what to do. */
  | { readonly kind: 'failed'; readonly isInUse: boolean; readonly why: string };
