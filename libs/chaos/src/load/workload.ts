/** Clients that a trial runs and that record what they do in its history. */
export interface Workload {
  /** How much waits: a trial has caught up when it is 0. */
  readonly backlog: number;
  start(): void;
  /** Ends the clients once their operations have ended, within a bound (0 when aborted). */
  stop(signal: AbortSignal): Promise<void>;
}
