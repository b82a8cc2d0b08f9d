import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP server of this process whose connections can be cut all at once. */
abstract class TcpServer {
  private readonly sockets = new Set<Socket>();
  private readonly clients = new Set<Socket>();
  private server: Server | undefined;

  /** How many clients are connected. */
  get connections(): number {
    return this.clients.size;
  }

  /**
   * @param port 0: any free one
   * @returns the port
   */
  async open(port = 0): Promise<number> {
    const server = createServer((socket) => {
      this.track(socket);
      this.clients.add(socket);
      socket.on('close', () => this.clients.delete(socket));
      this.accept(socket);
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  /** Cuts every connection and listens no more: new connects are refused. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  protected track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
  }

  protected abstract accept(socket: Socket): void;
}

/** Accepts and never says a word: what a frozen node looks like. */
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
export type CommitFault = 'swallow-answer' | 'drop-commit';

/** `Q`, the length, then the text: the simple query with which `transactions/commit.ts` commits. */
const commitText = Buffer.from('COMMIT;');

/**
 * Stands between the service and PostgreSQL and breaks the connection around a COMMIT: after it was carried out and
 * before its answer comes back, or before it gets there. To the service both look the same.
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
    socket.on('data', (chunk: Buffer) => {
      const fault = chunk.includes(commitText) ? this.next() : undefined;
      if (fault !== undefined) this.broken += 1;
      if (fault === 'drop-commit') {
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
    socket.on('close', () => target.destroy());
    target.on('close', () => socket.destroy());
  }
}
