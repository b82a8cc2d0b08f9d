import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../options/logger.js';
import { backoffMs } from './backoff.js';
import { codeOf } from './failure.table.js';

/**
 * Does what has to succeed once before the process is ready (connecting, migrating the schema), in the background, for as long as it
 * takes, with backoff. The process starts, and serves what it can, while PostgreSQL or the proxy is away.
 */
export class DatabaseLifecycle {
  private readonly stopping = new AbortController();
  private readonly missing = new Set<string>();
  private hasStarted = false;

  /** @param drainMs see `ConnectionOptions.drainMs` */
  constructor(
    private readonly logger: Logger,
    private readonly drainMs: number,
  ) {}

  /** True once all has succeeded; it stays true when the database goes away, and is false again from {@link drain} on. */
  get isReady(): boolean {
    return this.hasStarted && this.missing.size === 0 && !this.stopping.signal.aborted;
  }

  /** Tries until it has succeeded. */
  reach(what: string, attempt: () => Promise<unknown>): void {
    this.hasStarted = true;
    this.missing.add(what);
    void this.untilReached(what, attempt);
  }

  /** {@link isReady} becomes false, and the process goes on serving for as long as a load balancer needs to notice that. */
  async drain(): Promise<void> {
    this.stop();
    await sleep(this.drainMs);
  }

  /** Gives up what has not been reached. */
  stop(): void {
    this.stopping.abort();
  }

  private async untilReached(what: string, attempt: () => Promise<unknown>): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await attempt();
        this.missing.delete(what);
        this.logger.log(`database: ${what} ready`);
        return;
      } catch (error) {
        const delayMs = backoffMs(failures, { baseMs: 250, maxMs: 5_000 });
        this.logger.warn(`database: ${what} not reachable (${codeOf(error)}), next attempt in ${delayMs} ms`);
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
