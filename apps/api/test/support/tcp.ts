import { connect, type Socket } from 'node:net';
import { TcpServer } from '../../../../libs/cluster/src/tcp.server.js';

/** A server that accepts connections and never answers, as a frozen node does. */
export class SilentServer extends TcpServer {
  protected accept(socket: Socket): void {
    socket.resume();
  }
}

/** Passes bytes on to a port of the lab: a network path that a test can open, cut and clog. */
export class Forwarder extends TcpServer {
  private readonly targets = new Set<Socket>();
  private isHeld = false;

  constructor(private readonly targetPort: number) {
    super();
  }

  /** Keeps back all answers, until {@link release}. */
  hold(): void {
    this.isHeld = true;
    for (const target of this.targets) target.pause();
  }

  release(): void {
    this.isHeld = false;
    for (const target of this.targets) target.resume();
  }

  protected accept(socket: Socket): void {
    const target = connect(this.targetPort, '127.0.0.1');
    this.track(target);
    this.targets.add(target);
    if (this.isHeld) target.pause();
    socket.on('data', (chunk) => target.write(chunk));
    target.on('data', (chunk) => socket.write(chunk));
    socket.on('close', () => target.destroy());
    target.on('close', () => {
      this.targets.delete(target);
      socket.destroy();
    });
  }
}

/** A port of the loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = new SilentServer();
  const port = await server.open();
  await server.close();
  return port;
}

/** What a {@link CommitBreaker} does to a COMMIT. */
export type CommitFault = 'swallow-answer' | 'drop-commit' | 'strand';

/** `Q`, the length, then the text: the simple query with which `transactions/commit.ts` commits. */
const commitText = Buffer.from('COMMIT;');

/** How long PostgreSQL keeps a stranded session: longer than the service waits for a lock. */
const strandedMs = 7_000;

/**
 * Stands between the service and PostgreSQL and breaks the connection around a COMMIT: either before PostgreSQL gets it, or after
 * PostgreSQL has carried it out and before the answer comes back. To the service both look the same. A stranded session stays in its
 * transaction for a while, because PostgreSQL does not learn that the connection has ended.
 */
export class CommitBreaker extends TcpServer {
  /** How many COMMITs were broken so far. */
  broken = 0;

  /**
   * @param next asked at each COMMIT; undefined lets it through
   */
  constructor(
    private readonly targetPort: number,
    private readonly next: () => CommitFault | undefined,
  ) {
    super();
  }

  protected accept(socket: Socket): void {
    const target = connect(this.targetPort, '127.0.0.1');
    this.track(target);
    let swallowing = false;
    let lingerMs = 0;
    socket.on('data', (chunk: Buffer) => {
      const fault = chunk.includes(commitText) ? this.next() : undefined;
      if (fault !== undefined) this.broken += 1;
      if (fault === 'drop-commit') {
        socket.destroy();
        return;
      }
      if (fault === 'strand') {
        lingerMs = strandedMs;
        socket.destroy();
        return;
      }
      swallowing = fault === 'swallow-answer';
      target.write(chunk);
    });
    target.on('data', (chunk: Buffer) => {
      if (swallowing) socket.destroy();
      else socket.write(chunk);
    });
    socket.on('close', () => setTimeout(() => target.destroy(), lingerMs));
    target.on('close', () => socket.destroy());
  }
}
