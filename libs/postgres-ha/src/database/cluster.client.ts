import pg from 'pg';
import { endsConnection } from './failure.table.js';

/** Role of the node at the other end of a connection. */
export type Role = 'leader' | 'replica';

/** Which PostgreSQL node a connection reaches. It stays the same for the life of the connection, because the proxy forwards TCP. */
export interface Node {
  /** Name of the member, as `node_identity()` tells it. */
  readonly member: string;
  /** Address on which that node accepted the connection. */
  readonly address: string;
  /** Port on which it did; null on a Unix socket. */
  readonly port?: number | null;
  /** Database system identifier: another one means another cluster. */
  readonly systemId: string;
  /** Timeline the node was on when the connection was made. */
  readonly timeline: number;
}

/** Which of the pool's hosts a connection is opened to. */
export interface Target extends Pick<pg.ClientConfig, 'host' | 'port' | 'ssl'> {
  /** Its place in the pool's list. */
  readonly index: number;
  /** All other hosts have been tried in vain. */
  readonly isLastResort: boolean;
}

/** What a cluster connection needs to know beyond pg's own options. */
export interface ClusterClientConfig extends pg.ClientConfig {
  /** See `ConnectionOptions.functionsSchema`. */
  readonly functionsSchema: string;
  /** Says where to connect to, for pg's pool gives all of its clients the same options. */
  readonly target?: () => Target;
}

/** The parts of pg's connection that this class uses and pg does not type. */
interface Protocol {
  on(event: 'parameterStatus', listener: (message: { parameterName: string; parameterValue: string }) => void): void;
  on(event: 'errorMessage', listener: (message: { code?: string }) => void): void;
}

/**
 * A pg client that knows which node it reaches and whether it may be used again.
 *
 * The role costs no query: PostgreSQL reports `in_hot_standby` at connect and again at promotion (14 and newer).
 */
export class ClusterClient extends pg.Client {
  /** When the client was made, by the process's monotonic clock. */
  readonly connectedAtMs = performance.now();
  private inHotStandby: boolean | undefined;
  private identity: Node | undefined;
  private unfit: string | undefined;

  /** Schema of the functions with which a node says who and where it is, as it is written in SQL. */
  readonly functions: string;
  /** Which of the pool's hosts it connects to; undefined outside a pool. */
  readonly target: Target | undefined;
  private serverVersion = '';

  constructor(config: ClusterClientConfig) {
    const target = config.target?.();
    // A pool hides the password from enumeration, so a copy of its options would not have it.
    super(target === undefined ? config : Object.assign(Object.create(config) as ClusterClientConfig, target));
    this.target = target;
    this.functions = pg.escapeIdentifier(config.functionsSchema);
    const { protocol } = this;
    protocol.on('parameterStatus', ({ parameterName, parameterValue }) => {
      if (parameterName === 'server_version') this.serverVersion = parameterValue;
      if (parameterName !== 'in_hot_standby') return;
      const inHotStandby = parameterValue === 'on';
      if (this.inHotStandby !== undefined && this.inHotStandby !== inHotStandby) this.unfit = 'role changed';
      this.inHotStandby = inHotStandby;
    });
    protocol.on('errorMessage', ({ code }) => {
      if (code !== undefined && endsConnection(code)) this.unfit = `SQLSTATE ${code}`;
    });
  }

  /** Role of the node as it last reported it; `leader` before it has. */
  get role(): Role {
    return this.inHotStandby === true ? 'replica' : 'leader';
  }

  /** Major version of the server, which it reports at connect; 0 before. */
  get serverMajor(): number {
    return Number.parseInt(this.serverVersion, 10) || 0;
  }

  /** Whether it is known which node this is. */
  get isIdentified(): boolean {
    return this.identity !== undefined;
  }

  /** @throws Error before {@link identify} has succeeded; a pool hands out identified clients only. */
  get node(): Node {
    if (this.identity === undefined) throw new Error('connection has not been identified');
    return this.identity;
  }

  /** Milliseconds since the client was made. */
  get ageMs(): number {
    return performance.now() - this.connectedAtMs;
  }

  /** Asks the node which one it is, once per connection, within `timeoutMs`: a frozen node accepts a connection and never answers. */
  async identify(timeoutMs: number): Promise<void> {
    const query: pg.QueryConfig & { query_timeout: number } = {
      text: `SELECT member, address, system_id AS "systemId", timeline, inet_server_port() AS port
             FROM ${this.functions}.node_identity()`,
      query_timeout: timeoutMs,
    };
    const { rows } = await this.query<Node>(query);
    this.identity = rows[0];
  }

  /** Takes the connection out of use at its next release. */
  markUnfit(reason: string): void {
    this.unfit ??= reason;
  }

  /** Why this connection must not be used again; undefined while it may. */
  get unfitReason(): string | undefined {
    if (this.unfit !== undefined) return this.unfit;
    const status = this.getTransactionStatus();
    return status === null || status === 'I' ? undefined : 'transaction left open';
  }

  private get protocol(): Protocol {
    return (this as unknown as { connection: Protocol }).connection;
  }
}
