import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP server in this process that can cut all its connections at once. */
export abstract class TcpServer {
  private readonly sockets = new Set<Socket>();
  private readonly clients = new Set<Socket>();
  private server: Server | undefined;

  /** How many clients are connected. */
  get connections(): number {
    return this.clients.size;
  }

  /**
   * Begins to listen on 127.0.0.1.
   *
   * @param port 0 takes any free port
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

  /** Cuts every connection and stops listening: new connections are refused. */
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
