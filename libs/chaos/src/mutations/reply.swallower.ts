import { connect, type Socket } from 'node:net';
import { TcpServer } from '../../../cluster/src/tcp.server.js';

/** One of so many replies to a POST is swallowed. */
const everyNth = 4;
const postMethod = Buffer.from('POST ');

/**
 * A proxy between HTTP clients and the API. When it is switched on, it passes every POST on, and for some it cuts the connection
 * when the answer comes: the write has happened, and the client is never told.
 */
export class ReplySwallower extends TcpServer {
  /** Whether it is switched on. */
  swallowing = false;
  /** The number of replies swallowed so far. */
  swallowed = 0;
  private posts = 0;

  constructor(private readonly targetPort: number) {
    super();
  }

  protected accept(client: Socket): void {
    const target = connect(this.targetPort, '127.0.0.1');
    this.track(target);
    let isSwallowed = false;
    client.on('data', (chunk: Buffer) => {
      if (chunk.subarray(0, postMethod.length).equals(postMethod)) isSwallowed = this.isNext();
      target.write(chunk);
    });
    target.on('data', (chunk: Buffer) => {
      if (isSwallowed) {
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
