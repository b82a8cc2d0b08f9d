import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `AuthenticationOk`, `ReadyForQuery`: every login is taken. */
const welcome = Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1');

/**
 * Takes every login of a PostgreSQL client, and answers what it is told to, or nothing: for what a program does while its server is silent,
 * or refuses. Of PostgreSQL itself it shows nothing.
 */
export class LoginServer {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** @param answer what is sent for the bytes that came; undefined: nothing */
  static async listen(answer: (bytes: Buffer) => Buffer | undefined): Promise<LoginServer> {
    const server = createServer();
    const logins = new LoginServer(server);
    server.on('connection', (socket) => {
      logins.sockets.add(socket);
      socket.on('close', () => logins.sockets.delete(socket)).on('error', () => undefined);
      socket.once('data', () => {
        socket.write(welcome);
        socket.on('data', (bytes) => {
          const answered = answer(bytes);
          if (answered !== undefined) socket.write(answered);
        });
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return logins;
  }

  /** On 127.0.0.1. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.sockets.size;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}
