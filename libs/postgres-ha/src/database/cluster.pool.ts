import pg from 'pg';
import { ClusterClient, type ClusterClientConfig } from './cluster.client.js';
import { WRONG_ROLE } from './failure.table.js';
import { chooseIdle, type IdleConnection } from './idle.choice.js';

/** What a pool of cluster connections needs to know beyond pg's own options. */
export interface ClusterPoolOptions extends pg.PoolConfig, Pick<ClusterClientConfig, 'functionsSchema'> {
  /** `leader`: a connection to a node in recovery is refused and dropped. `any`: replicas, or the leader as last resort. */
  readonly accepts: 'leader' | 'any';
  /** Connections kept open ahead of need, so that a quiet service still reaches every replica. */
  readonly warmConnections: number;
  /**
   * How many connections may be in the making at once. A node that is slow to let anyone in is made slower by everyone at its
   * door: each connect then takes longer than it may, is given up and made again, and none succeeds.
   */
  readonly concurrentConnects: number;
  /** With `accepts: 'any'`: age at which a connection to the leader is dropped, so that reads return to a replica. */
  readonly leaderMaxAgeMs: number;
}

/** The parts of pg-pool that are not typed. `cluster.pool.e2e-spec.ts` fails if an update of pg-pool changes them. */
interface Internals {
  readonly _clients: readonly ClusterClient[];
  readonly _idle: { readonly client: ClusterClient }[];
  readonly _pendingQueue: { rank?: Rank | undefined }[];
  _isFull(): boolean;
  _pulseQueue(): void;
  newClient(pending: { callback: (error: Error | undefined, client: unknown, release: () => void) => void }): void;
  _release(client: ClusterClient, idleListener: unknown, error?: Error | boolean): void;
}

type ConnectCallback = Parameters<pg.Pool['connect']>[0];
type Rank = (connection: IdleConnection) => number;

const warmUpIntervalMs = 1_000;

/**
 * pg's pool with four additions: it knows the node of every connection, spreads its use over the members, makes few at a
 * time, and drops a connection that is dead, speaks to a node whose role changed, or carries an open transaction, instead of
 * reusing it.
 */
export class ClusterPool extends pg.Pool {
  private readonly cluster: ClusterPoolOptions;
  private readonly lastUsed = new Map<string, number>();
  private uses = 0;
  private warmUp: NodeJS.Timeout | undefined;
  private rankOfNext: Rank | undefined;

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
   * Runs `checkout` (synchronously) so that of the idle connections it gets one of the lowest rank.
   * A wish, not a promise: when none is idle the caller gets another and has to look at its node.
   */
  preferring<T>(rank: Rank, checkout: () => T): T {
    this.rankOfNext = rank;
    try {
      return checkout();
    } finally {
      this.rankOfNext = undefined;
    }
  }

  /** Whether a connection to that member could be had at once. */
  hasIdleTo(member: string): boolean {
    return this.internals._idle.some(({ client }) => client.node.member === member);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    const { _pendingQueue: pending } = this.internals;
    const waiting = pending.length;
    const result = callback === undefined ? super.connect() : super.connect(callback);
    const mine = pending.at(-1);
    if (mine !== undefined && pending.length > waiting) mine.rank = this.rankOfNext;
    return result;
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
    // pg-pool looks at its queue when a connect has failed; here, a place is free when one has succeeded, too.
    setImmediate(() => this.internals._pulseQueue());
  }

  /** To pg-pool a pool at this limit is full: whoever comes waits, and takes what is made or released first. */
  private limitConnects(): void {
    const isFull = this.internals._isFull.bind(this);
    this.internals._isFull = () => isFull() || this.connecting >= this.cluster.concurrentConnects;
  }

  private get connecting(): number {
    return this.internals._clients.filter(({ isIdentified }) => !isIdentified).length;
  }

  /**
   * From the first connection on: a pool that never had one is given up by TypeORM without being ended. A failed attempt
   * needs no report here: the next request that needs a connection meets the same error and says so.
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
