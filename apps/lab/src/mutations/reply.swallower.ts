import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Of so many replies to a POST one is swallowed. */
const everyNth = 4;
const postMethod = Buffer.from('POST ');

/**
 * Stands between HTTP clients and the API. When switched on it lets a POST through and cuts the connection when its answer
 * comes: the write has happened, and the client is never told.
 */
export class ReplySwallower {
  swallowing = false;
  /** Replies swallowed so far. */
  swallowed = 0;
  private posts = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(private readonly targetPort: number) {
    this.server = createServer((client) => this.pass(client));
  }

  /** @returns the port to connect to */
  async open(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private pass(client: Socket): void {
    const target = connect(this.targetPort, '127.0.0.1');
    let doomed = false;
    for (const socket of [client, target]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (chunk.subarray(0, postMethod.length).equals(postMethod)) doomed = this.isNext();
      target.write(chunk);
    });
    target.on('data', (chunk: Buffer) => {
      if (doomed) {
        this.swallowed += 1;
        client.destroy();
      } else client.write(chunk);
    });
  }

  private isNext(): boolean {
    if (!this.swallowing) return false;
    this.posts += 1;
    return this.posts % everyNth === 0;
  }
}
