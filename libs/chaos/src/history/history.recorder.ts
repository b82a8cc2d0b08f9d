import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Completion, Invocation, Operation } from './operation.js';

/** An operation that was sent and has not ended. */
export interface Pending {
  /** Records the end of the operation. A second call is ignored: the client saw the first. */
  end(completion: Completion): void;
}

/**
 * Writes a history as JSONL: one line for each operation, in the order in which they end. Operations that still run at
 * {@link close} are written as `unknown`, for they may yet take effect.
 */
export class HistoryRecorder {
  private readonly file: WriteStream;
  private readonly running = new Map<number, Invocation & { readonly invokedMs: number }>();
  private failure: Error | undefined;
  private nextId = 1;

  /**
   * @param nowMs monotonic milliseconds since the run began, shared with events and samples
   * @param watch sees each operation when it has ended
   */
  constructor(
    path: string,
    private readonly nowMs: () => number,
    private readonly watch?: (operation: Operation) => void,
  ) {
    this.file = createWriteStream(path);
    this.file.on('error', (error) => (this.failure ??= error));
  }

  /** How many operations were sent and have not ended. */
  get underWay(): number {
    return this.running.size;
  }

  /** Begins an operation. Call it immediately before the request is sent. */
  begin(invocation: Invocation): Pending {
    const id = this.nextId++;
    this.running.set(id, { ...invocation, invokedMs: this.nowMs() });
    return { end: (completion) => this.end(id, completion) };
  }

  /**
   * Ends the operations that still run as `unknown`, and closes the file.
   *
   * @throws Error of the file system, if any line could not be written
   */
  async close(): Promise<void> {
    for (const id of this.running.keys()) this.end(id, { outcome: 'unknown', errorClass: 'run_ended' });
    if (this.failure === undefined) {
      this.file.end();
      await once(this.file, 'close');
    }
    if (this.failure !== undefined) throw this.failure;
  }

  private end(id: number, completion: Completion): void {
    const invocation = this.running.get(id);
    if (invocation === undefined) return;
    this.running.delete(id);
    const operation: Operation = { id, ...invocation, ...completion, endedMs: this.nowMs() };
    this.file.write(`${JSON.stringify(operation)}\n`);
    this.watch?.(operation);
  }
}
