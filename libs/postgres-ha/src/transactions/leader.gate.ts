import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../database/backoff.js';

/** How the gate finds out that the leader is back, and how fast it asks. */
export interface LeaderGateOptions {
  /** Resolves when the leader can be reached. */
  readonly probe: () => Promise<unknown>;
  /** Told when the gate opens again, with how long it was closed. */
  readonly opened?: (heldMs: number) => void;
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Holds writes while there is no leader. One probe asks for all of them: a thousand waiting writes must not become a
 * thousand connection attempts a second on a cluster that is trying to elect.
 */
export class LeaderGate {
  private reopening: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly options: LeaderGateOptions) {}

  get isOpen(): boolean {
    return this.reopening === undefined;
  }

  /** A write could not reach the leader: until a probe does, the others wait. */
  close(): void {
    if (this.reopening !== undefined) return;
    const closedAtMs = performance.now();
    this.reopening = this.probeUntilBack().finally(() => {
      this.reopening = undefined;
      this.options.opened?.(performance.now() - closedAtMs);
    });
  }

  /** Waits until the gate is open, at most until `deadlineMs` of the monotonic clock. */
  async waitUntilOpen(deadlineMs: number): Promise<void> {
    if (this.reopening === undefined) return;
    const waiting = new AbortController();
    const remainingMs = Math.max(0, deadlineMs - performance.now());
    const deadline = sleep(remainingMs, undefined, { signal: waiting.signal }).catch(() => undefined);
    await Promise.race([this.reopening, deadline]);
    waiting.abort();
  }

  /** Lets everyone through for good: what still waits meets its error now. */
  shutDown(): void {
    this.closing.abort();
  }

  private async probeUntilBack(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted; failures += 1) {
      await sleep(backoffMs(failures, this.options), undefined, { signal }).catch(() => undefined);
      try {
        await this.options.probe();
        return;
      } catch {
        continue;
      }
    }
  }
}
