import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { undoBoundMs } from '../../../../libs/chaos/src/faults/healing.js';
import { scriptBoundMs } from '../../../../libs/cluster/src/lab.js';
import { within } from '../../../../libs/cluster/src/wait.js';
import type { Order, Report } from './worker.messages.js';

const program = fileURLToPath(new URL('worker.ts', import.meta.url));
/** All that Docker has to undo of one fault at worst: it has 20 s for each attempt. */
const quickUndosMs = 4 * undoBoundMs(20_000);
/**
 * Longer than a worker takes at worst to end. A run that is interrupted heals, and the end of the session tries again what that could
 * not. Of one fault at most one thing is undone by a command of scripts/lab; the command that goes on when the worker is to end is the
 * one that breaks something, and has to end first.
 */
export const endBoundMs = scriptBoundMs + 2 * (undoBoundMs(scriptBoundMs) + quickUndosMs);

/** The worker could not begin. */
export class WorkerRefusedError extends Error {
  override readonly name = 'WorkerRefusedError';

  /** @param isInUse whether another program uses the lab */
  constructor(
    message: string,
    readonly isInUse: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Loads and breaks the lab, and has healed it when it has ended. */
export interface Worker {
  /** Resolves when it has ended, whatever became of it. */
  readonly ended: Promise<unknown>;
  /** One that is just ending takes no order any more. */
  tell(order: Order): void;
  /** Ends it. @throws Error when it could not heal the lab, or still tries to */
  end(): Promise<void>;
}

/** A worker in a process of its own. */
export class WorkerProcess implements Worker {
  readonly ended: Promise<number>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = new Promise((resolve) => {
      child.once('error', () => resolve(1)).once('exit', (code) => resolve(code ?? 1));
    });
  }

  /**
   * Starts a worker; resolves when the lab is healthy and its own.
   *
   * @param take gets everything that the worker reports
   * @param signal ends a worker that has not begun yet
   * @throws WorkerRefusedError with the reason
   */
  static async start(this: void, take: (report: Report) => void, signal: AbortSignal): Promise<WorkerProcess> {
    // A group of its own: Ctrl-C reaches the console alone, whose end makes the worker heal the lab.
    const child = fork(program, [], { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const worker = new WorkerProcess(child);
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (report: Report) => {
        if (report.kind === 'ready') resolve();
        if (report.kind === 'failed') reject(new WorkerRefusedError(report.why, report.isInUse));
        take(report);
      });
      child.once('error', (cause) => reject(new WorkerRefusedError('the worker cannot be started', false, { cause })));
      child.once('exit', () => reject(new WorkerRefusedError('the worker has ended before it began', false)));
    });
    const giveUp = () => child.disconnect();
    signal.addEventListener('abort', giveUp, { once: true });
    await ready.finally(() => signal.removeEventListener('abort', giveUp));
    return worker;
  }

  tell(order: Order): void {
    if (this.child.connected) this.child.send(order, () => undefined);
  }

  async end(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    const code = await within(endBoundMs, `process ${this.child.pid} heals the lab`, this.ended);
    if (code !== 0) throw new Error('the lab could not be healed: scripts/lab chaos heal tries again');
  }
}
