import { backoffMs } from '../../../../libs/postgres-ha/src/index.js';

const pause = { baseMs: 250, maxMs: 2_000 };

/**
 * Keeps requests from paying a timeout each while something is away: after a failure it admits one trial per pause, and
 * everything again once a trial succeeds. Pauses grow from about 250 ms to 2 s.
 */
export class Circuit {
  private trials = 0;
  private closedAgainMs = -Infinity;

  constructor(private readonly random: () => number = Math.random) {}

  get isOpen(): boolean {
    return this.trials > 0;
  }

  /** Whether to try now. While the circuit is open, a `true` starts the one trial of this pause. */
  admits(nowMs: number): boolean {
    if (!this.isOpen) return true;
    if (nowMs < this.closedAgainMs) return false;
    this.pause(nowMs);
    return true;
  }

  succeeded(): void {
    this.trials = 0;
  }

  /** Uses that were under way together and fail count as one failure. */
  failed(nowMs: number): void {
    if (!this.isOpen) this.pause(nowMs);
  }

  private pause(nowMs: number): void {
    this.closedAgainMs = nowMs + backoffMs(this.trials, pause, this.random);
    this.trials += 1;
  }
}
