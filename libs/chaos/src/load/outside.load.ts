import type { Lab } from '../../../cluster/src/lab.js';
import { pause } from '../../../cluster/src/wait.js';
import type { HistoryRecorder } from '../history/history.recorder.js';
import { OutsideClient } from './outside.client.js';
import type { OutsideProgram } from './outside.programs.js';
import type { Workload } from './workload.js';

/** Time from one insert of a client to its next, unless that one takes longer: what a gap is exact to. */
const everyMs = 50;
/** A client without a success for so long waits. */
const lateMs = 1_000;
const drainBoundMs = 10_000;

/** Each program inserts one key after the other, and never one twice. */
export class OutsideLoad implements Workload {
  private readonly stopping = new AbortController();
  private readonly succeededMs = new Map<string, number>();
  private ended: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly clients: readonly OutsideClient[],
    private readonly recorder: HistoryRecorder,
    private readonly prefix: string,
  ) {}

  /** Starts the programs. @param prefix every key begins with it */
  static async prepare(
    lab: Lab,
    programs: readonly OutsideProgram[],
    recorder: HistoryRecorder,
    prefix: string,
  ): Promise<OutsideLoad> {
    const clients: OutsideClient[] = [];
    try {
      // One after the other: together they would take longer to start than Docker may take to answer.
      for (const program of programs) clients.push(await OutsideClient.start(lab, program));
    } catch (error) {
      await Promise.all(clients.map((client) => client.close()));
      throw error;
    }
    return new OutsideLoad(clients, recorder, prefix);
  }

  get backlog(): number {
    const now = performance.now();
    return this.clients.filter(({ name }) => now - (this.succeededMs.get(name) ?? 0) > lateMs).length;
  }

  start(): void {
    this.ended = Promise.all(this.clients.map((client, index) => this.insertAll(client, `${this.prefix}-${index}`)));
  }

  async stop({ aborted }: AbortSignal): Promise<void> {
    this.stopping.abort();
    await Promise.race([this.ended, pause(aborted ? 0 : drainBoundMs)]);
    await Promise.all(this.clients.map((client) => client.close()));
  }

  private async insertAll(client: OutsideClient, prefix: string): Promise<void> {
    const { signal } = this.stopping;
    for (let count = 1; !signal.aborted; count += 1) {
      const startedMs = performance.now();
      const key = `${prefix}-${count}`;
      const insert = { session: client.name, channel: 'sql', action: 'write', row: 'unique', key } as const;
      const pending = this.recorder.begin(insert);
      const completion = await client.insert(key);
      pending.end(completion);
      if (completion.outcome === 'ok') this.succeededMs.set(client.name, performance.now());
      await pause(Math.max(0, everyMs - (performance.now() - startedMs)), signal);
    }
  }
}
