import pg from 'pg';
import { ClusterClient, type ClusterClientConfig } from './cluster.client.js';
import { WRONG_ROLE } from './failure.table.js';
import { chooseIdle, type Rank } from './idle.choice.js';

/** What a pool of cluster connections needs to know beyond pg's own options. */
export interface ClusterPoolOptions extends pg.PoolConfig, Pick<ClusterClientConfig, 'functionsSchema'> {
  /** `leader`: a connection to a node in recovery is refused and dropped. `any`: replicas, or the leader as last resort. */
  readonly accepts: 'leader' | 'any';
  /** Connections kept open ahead of need, so that a quiet service still reaches every replica. */
  readonly warmConnections: number;
  /**
   * How many connections may be opened at the same time. A node that is slow to accept a connection becomes slower with each
   * further one: every connect then exceeds its timeout, is given up and tried again, and none succeeds.
   */
  readonly concurrentConnects: number;
  /** With `accepts: 'any'`: age at which a connection to the leader is dropped, so that reads return to a replica. */
  readonly leaderMaxAgeMs: number;
}

/** The parts of pg-pool that are not typed. `cluster.pool.e2e-spec.ts` fails if an update of pg-pool changes them. */
interface Internals {
  readonly _clients: readonly ClusterClient[];
  readonly _idle: { readonly client: ClusterClient }[];
  readonly _pendingQueue: { rank?: Rank }[];
  _isFull(): boolean;
  _pulseQueue(): void;
  newClient(pending: { callback: (error: Error | undefined, client: unknown, release: () => void) => void }): void;
  _release(client: ClusterClient, idleListener: unknown, error?: Error | boolean): void;
}

/** A connection of the pool, until its release. */
export type PooledClient = ClusterClient & Pick<pg.PoolClient, 'release'>;

const warmUpIntervalMs = 1_000;

/**
 * pg's pool with four additions: it knows the node of every connection, spreads the use over the members, opens few at the
 * same time, and drops a connection that is dead, that leads to a node whose role has changed, or that has an open transaction.
 */
export class ClusterPool extends pg.Pool {
  private readonly cluster: ClusterPoolOptions;
  private readonly lastUsed = new Map<string, number>();
  private uses = 0;
  private warmUp: NodeJS.Timeout | undefined;

  constructor(options: ClusterPoolOptions) {
    super({
      ...options,
      Client: ClusterClient,
      min: options.warmConnections,
      onConnect: (client: ClusterClient) => this.admit(client),
    } as unknown as pg.PoolConfig);
    this.cluster = options;
    this.on('acquire', (client) => {
      this.lastUsed.set((client as unknown as ClusterClient).node.member, (this.uses += 1));
    });
    this.once('connect', () => this.keepWarm());
    this.limitConnects();
    this.dropUnfitOnRelease();
    this.chooseOnCheckout();
  }

  /**
   * Like {@link connect}, but takes the idle connection of the lowest rank. When none is idle the caller gets any other, and has
   * to look at its node.
   */
  connectTo(rank: Rank): Promise<PooledClient> {
    const { _pendingQueue: pending } = this.internals;
    const waiting = pending.length;
    const client = this.connect();
    // Unless pg-pool opens a connection for this caller, it has put it at the end of its queue.
    const mine = pending.at(-1);
    if (mine !== undefined && pending.length > waiting) mine.rank = rank;
    return client as unknown as Promise<PooledClient>;
  }

  /** Whether there is an idle connection to this member. */
  hasIdleTo(member: string): boolean {
    return this.internals._idle.some(({ client }) => client.node.member === member);
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    clearInterval(this.warmUp);
    return callback === undefined ? super.end() : super.end(callback);
  }

  private get internals(): Internals {
    return this as unknown as Internals;
  }

  private async admit(client: ClusterClient): Promise<void> {
    if (this.cluster.accepts === 'leader' && client.role !== 'leader') {
      throw Object.assign(new Error('connected to a replica where the leader is needed'), { code: WRONG_ROLE });
    }
    await client.identify(this.cluster.connectionTimeoutMillis ?? 0);
    // pg-pool serves its queue after a failed connect. Here a place is free after a successful one, too.
    setImmediate(() => this.internals._pulseQueue());
  }

  /** At this limit pg-pool takes the pool for full: callers wait, and get the connection that is opened or released first. */
  private limitConnects(): void {
    const isFull = this.internals._isFull.bind(this);
    this.internals._isFull = () => isFull() || this.connecting >= this.cluster.concurrentConnects;
  }

  private get connecting(): number {
    return this.internals._clients.filter(({ isIdentified }) => !isIdentified).length;
  }

  /**
   * Only from the first connection on: TypeORM gives up a pool that never had one without ending it. A failed attempt is not
   * reported here, because the next request that needs a connection meets the same error and reports it.
   */
  private keepWarm(): void {
    this.warmUp = setInterval(() => {
      const { _isFull: isFull } = this.internals;
      for (
        let missing = this.cluster.warmConnections - this.totalCount;
        missing > 0 && !this.ending && !isFull();
        missing -= 1
      ) {
        this.internals.newClient({
          callback: (error, _client, release) => (error === undefined ? release() : undefined),
        });
      }
    }, warmUpIntervalMs);
    this.warmUp.unref();
  }

  private dropUnfitOnRelease(): void {
    const release = this.internals._release.bind(this);
    this.internals._release = (client, idleListener, error) => {
      const tooOldForLeader =
        this.cluster.accepts === 'any' && client.role === 'leader' && client.ageMs > this.cluster.leaderMaxAgeMs;
      release(client, idleListener, error ?? (client.unfitReason !== undefined || tooOldForLeader));
    };
  }

  private chooseOnCheckout(): void {
    const pulse = this.internals._pulseQueue.bind(this);
    this.internals._pulseQueue = () => {
      const { _idle: idle, _pendingQueue: pending } = this.internals;
      if (idle.length > 1 && pending[0] !== undefined) {
        const chosen = chooseIdle(
          idle.map(({ client }) => client),
          this.lastUsed,
          pending[0].rank,
        );
        idle.push(...idle.splice(chosen, 1));
      }
      pulse();
    };
  }
}
