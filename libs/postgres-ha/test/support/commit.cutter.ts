import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const commit = Buffer.from('COMMIT');

/**
 * A TCP proxy in front of one server. When told to, it passes the next COMMIT on and cuts the connection when the answer comes: the
 * transaction is committed, and its client is never told.
 */
export class CommitCutter {
  /** How many answers it has swallowed. */
  swallowed = 0;
  private isArmed = false;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(private readonly targetPort: number) {
    this.server = createServer((client) => this.accept(client));
  }

  /** Begins to listen on 127.0.0.1, and returns the port. */
  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  /** The answer to the next COMMIT is swallowed, to that one alone. */
  swallowNext(): void {
    this.isArmed = true;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    const target = connect(this.targetPort, '127.0.0.1');
    let isSwallowing = false;
    for (const socket of [client, target]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    }
    client.on('data', (chunk: Buffer) => {
      if (this.isArmed && chunk.includes(commit)) {
        this.isArmed = false;
        isSwallowing = true;
      }
      target.write(chunk);
    });
    target.on('data', (chunk: Buffer) => {
      if (!isSwallowing) {
        client.write(chunk);
        return;
      }
      this.swallowed += 1;
      client.destroy();
    });
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  }
}
