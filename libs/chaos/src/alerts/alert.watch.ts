import { z } from 'zod';
import { pause } from '../../../cluster/src/wait.js';
import type { AlertSpan } from './alert.judge.js';

const everyMs = 1_000;
const askTimeoutMs = 2_000;

const answerSchema = z.object({
  data: z.object({
    alerts: z.array(z.object({ state: z.string(), labels: z.record(z.string(), z.string()) })),
  }),
});

/** Watches which alerts fire in Prometheus, on the clock of a run. Prometheus itself looks every five seconds. */
export class AlertWatch {
  private readonly over: AlertSpan[] = [];
  private readonly firing = new Map<string, number>();
  private readonly stopping = new AbortController();
  private watching: Promise<void> = Promise.resolve();
  private silences = 0;
  private isPending = false;

  constructor(
    /** Where Prometheus is, for example `http://127.0.0.1:9090`. */
    private readonly origin: string,
    private readonly nowMs: () => number,
  ) {}

  /** @throws Error when Prometheus does not answer: nothing would be watched */
  async start(): Promise<void> {
    await this.look();
    this.watching = this.repeat();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  /** All that has fired since the start; what fires still has no end. */
  spans(): AlertSpan[] {
    const open = [...this.firing].map(([alert, firedMs]) => ({ alert, firedMs }));
    return [...this.over, ...open].toSorted((a, b) => a.firedMs - b.firedMs);
  }

  /** Whether no alert fires, and none is about to. */
  get isQuiet(): boolean {
    return this.firing.size === 0 && !this.isPending;
  }

  /** How often Prometheus has not answered. What fired and cleared meanwhile is not known. */
  get missed(): number {
    return this.silences;
  }

  private async repeat(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await pause(everyMs, this.stopping.signal);
      // A busy machine; the next look finds out.
      await this.look().catch(() => (this.silences += 1));
    }
  }

  private async look(): Promise<void> {
    const response = await fetch(`${this.origin}/api/v1/alerts`, { signal: AbortSignal.timeout(askTimeoutMs) });
    const { data } = answerSchema.parse(await response.json());
    this.isPending = data.alerts.some(({ state }) => state === 'pending');
    const names = data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname'] ?? '');
    const atMs = this.nowMs();
    for (const [alert, firedMs] of this.firing) {
      if (names.includes(alert)) continue;
      this.firing.delete(alert);
      this.over.push({ alert, firedMs, clearedMs: atMs });
    }
    for (const alert of names) if (!this.firing.has(alert)) this.firing.set(alert, atMs);
  }
}
