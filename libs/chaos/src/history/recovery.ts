import type { MemberState } from './final.state.js';

/** A wrong statement, and the server that was restored to just before it. Times as in operations. */
export interface Recovery {
  /** When the wrong statement was sent, and when it was acknowledged. */
  readonly disaster: { readonly invokedMs: number; readonly endedMs: number };
  /** The rows of the restored server. */
  readonly restored: MemberState;
  /** How long it took to find the transaction in the log. */
  readonly findMs: number;
  /** How long it took to copy the files of the base backup. */
  readonly filesMs: number;
  /** How long it took to replay the log. */
  readonly walMs: number;
  /** Before which transaction recovery stopped, in PostgreSQL's words. */
  readonly stopped: string;
  /** Timelines that recovery went along, oldest first. */
  readonly timelines: readonly number[];
}
