import { connect, type Socket } from 'node:net';
import { TcpServer } from '../../../cluster/src/tcp.server.js';

/** Of so many replies to a POST one is swallowed. */
const everyNth = 4;
const postMethod = Buffer.from('POST ');

/**
 * Stands between HTTP clients and the API. When switched on it lets a POST through and cuts the connection when its answer
 * comes: the write has happened, and the client is never told.
 */
export class ReplySwallower extends TcpServer {
  swallowing = false;
  /** Replies swallowed so far. */
  swallowed = 0;
  private posts = 0;

  constructor(private readonly targetPort: number) {
    super();
  }

  protected accept(client: Socket): void {
    const target = connect(this.targetPort, '127.0.0.1');
    this.track(target);
    let doomed = false;
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
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  }

  private isNext(): boolean {
    if (!this.swallowing) return false;
    this.posts += 1;
    return this.posts % everyNth === 0;
  }
}
