import type { RunEvent } from '../history/run.event.js';
import type { Lab } from '../../../cluster/src/lab.js';
import { type Sample, writeRequest } from './remote.write.js';

/** Prometheus shows a value for five minutes. */
const repeatEveryMs = 60_000;
const sendTimeoutMs = 2_000;

/** The names of the faults that are on after an event. A `healed` that names no fault ends all of them. */
export function faultsAfter(
  active: readonly string[],
  { kind, detail }: Pick<RunEvent, 'kind' | 'detail'>,
): readonly string[] {
  if (kind === 'fault' && detail !== undefined) return [...active.filter((fault) => fault !== detail), detail];
  if (kind !== 'healed') return active;
  return detail === undefined ? [] : active.filter((fault) => fault !== detail);
}

/**
 * What Prometheus is told when `before` were on and `now` are: the metric `pgha_fault_active`, with the label `fault`, is 1 for those that
 * are on, and 0 for those that have ended.
 */
export const marksOf = (before: readonly string[], now: readonly string[], atMs: number): Sample[] =>
  [...new Set([...before, ...now])].map((fault) => ({
    labels: { __name__: 'pgha_fault_active', fault, job: 'chaos' },
    value: now.includes(fault) ? 1 : 0,
    atMs,
  }));

/**
 * Tells Prometheus which fault is on, so that dashboards mark it by its name. Prometheus cannot ask for that: faults come from outside of the
 * lab's network. Where it does not take them, runs go on without marks, and say so once.
 */
export class FaultMarks {
  private active: readonly string[] = [];
  private sending: Promise<void> = Promise.resolve();
  private readonly ticker = setInterval(() => this.tell(this.active), repeatEveryMs).unref();
  private hasSaidWhyNot = false;

  /**
   * @param origin where Prometheus is, for example `http://127.0.0.1:9090`
   * @param say prints for people
   */
  constructor(
    private readonly origin: string,
    private readonly say: (line: string) => void,
  ) {}

  /** @returns undefined where nothing observes the lab */
  static async of(lab: Lab, say: (line: string) => void): Promise<FaultMarks | undefined> {
    const origin = await lab.prometheus();
    return origin === undefined ? undefined : new FaultMarks(origin, say);
  }

  /** An event of the run. */
  see(event: RunEvent): void {
    const before = this.active;
    this.active = faultsAfter(before, event);
    if (this.active !== before) this.tell(before);
  }

  /** Ends every mark that is still on. */
  async close(): Promise<void> {
    clearInterval(this.ticker);
    const before = this.active;
    this.active = [];
    this.tell(before);
    await this.sending;
  }

  private tell(before: readonly string[]): void {
    const samples = marksOf(before, this.active, Date.now());
    if (samples.length === 0) return;
    this.sending = this.sending
      .then(() => this.send(writeRequest(samples)))
      .catch((error: unknown) => {
        if (this.hasSaidWhyNot) return;
        this.hasSaidWhyNot = true;
        this.say(`Prometheus does not mark the faults of this run: ${String(error)}`);
      });
  }

  private async send(body: Buffer): Promise<void> {
    const headers = {
      'Content-Type': 'application/x-protobuf',
      'Content-Encoding': 'snappy',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    };
    const signal = AbortSignal.timeout(sendTimeoutMs);
    const init = { method: 'POST', headers, body: new Uint8Array(body), signal };
    const { ok, status, body: answer } = await fetch(`${this.origin}/api/v1/write`, init);
    // Nobody reads it, and an answer that is not read keeps its connection.
    await answer?.cancel();
    if (!ok) throw new Error(`it answers ${status}`);
  }
}
