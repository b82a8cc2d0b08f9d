import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../database/backoff.js';

/** How the gate finds out that the leader is back, and how fast it asks. */
export interface LeaderGateOptions {
  /** Resolves when the leader can be reached. */
  readonly probe: () => Promise<unknown>;
  /** Called when the gate opens again, with the time for which it was closed. */
  readonly opened?: (heldMs: number) => void;
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Holds writes while there is no leader. One probe runs on behalf of all of them, so that a thousand waiting writes do not become a
 * thousand connection attempts a second on a cluster that is electing a leader.
 */
export class LeaderGate {
  private reopening: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly options: LeaderGateOptions) {}

  get isOpen(): boolean {
    return this.reopening === undefined;
  }

  /** Called when a write could not reach the leader. All writes then wait until a probe reaches it. */
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

  /** Opens the gate for good. Writes that still wait meet their error now. */
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
