import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './worker.messages.js';

const program = fileURLToPath(new URL('worker.ts', import.meta.url));

/** The worker could not begin. */
export class WorkerRefusedError extends Error {
  override readonly name = 'WorkerRefusedError';

  /** @param isInUse whether another program uses the lab */
  constructor(
    message: string,
    readonly isInUse: boolean,
  ) {
    super(message);
  }
}

/** The process that loads and breaks the lab. There is at most one, and it is there while it has something to do. */
export class WorkerProcess {
  /** Resolves when it has ended, and so has healed the lab. */
  readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'exit');
  }

  /**
   * Starts a worker; resolves when the lab is healthy and its own.
   *
   * @param take gets everything that the worker reports
   * @throws WorkerRefusedError with the reason
   */
  static async start(take: (report: Report) => void): Promise<WorkerProcess> {
    // A group of its own: Ctrl-C reaches the console alone, whose end makes the worker heal the lab.
    const child = fork(program, [], { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    // What could not be sent to it: its end says the rest.
    child.on('error', () => undefined);
    const worker = new WorkerProcess(child);
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (report: Report) => {
        if (report.kind === 'ready') resolve();
        if (report.kind === 'failed') reject(new WorkerRefusedError(report.why, report.isInUse));
        take(report);
      });
      child.once('exit', () => reject(new WorkerRefusedError('the worker has ended before it began', false)));
    });
    await ready;
    return worker;
  }

  tell(order: Order): void {
    // One that is just ending takes no order any more.
    if (this.child.connected) this.child.send(order, () => undefined);
  }

  /** Ends the worker; resolves when it has healed the lab. */
  async end(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.ended;
  }
}
