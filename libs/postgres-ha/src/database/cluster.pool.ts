import pg from 'pg';
import type { DatabaseTls } from '../options/postgres-ha.options.js';
import type { Host } from '../options/resolved.options.js';
import { ClusterClient, type ClusterClientConfig, type Target } from './cluster.client.js';
import { nextConnectMs } from './connect.pace.js';
import { ACQUIRE_TIMEOUT, codeOf, CONNECT_TIMEOUT, isAccessRefused, WRONG_ROLE } from './failure.table.js';
import type { HostDirectory } from './host.directory.js';
import { chooseIdle, type Rank } from './idle.choice.js';
import { tlsOptions } from './tls.options.js';

/** What a pool of cluster connections needs to know beyond pg's own options, of which it takes neither host nor `ssl`. */
export interface ClusterPoolOptions
  extends Omit<pg.PoolConfig, 'host' | 'port' | 'ssl'>, Pick<ClusterClientConfig, 'functionsSchema'> {
  /** Where to connect to: one host, or several between which the pool chooses for each connection. */
  readonly directory: HostDirectory;
  /** See `ConnectionOptions.ssl`. */
  readonly tls: DatabaseTls | undefined;
  /** `leader`: a connection to a node in recovery is refused and dropped. `any`: replicas, or the leader as last resort. */
  readonly accepts: 'leader' | 'any';
  /** Connections kept open ahead of need, so that a quiet service still reaches every replica. */
  readonly warmConnections: number;
  /**
   * How many connections may be opened at the same time. A node that is slow to accept a connection becomes slower with each
   * further one: every connect then exceeds its timeout, is given up and tried again, and none succeeds. When the pool opens
   * fewer: {@link nextConnectMs}.
   */
  readonly concurrentConnects: number;
  /** With `accepts: 'any'`: age at which a connection to the leader is dropped, so that reads return to a replica. */
  readonly leaderMaxAgeMs: number;
}

/** The parts of pg-pool that are not typed. `private.members.spec.ts` fails if an update of pg-pool changes them. */
interface Internals {
  readonly _clients: readonly ClusterClient[];
  readonly _idle: { readonly client: ClusterClient }[];
  readonly _pendingQueue: Waiting[];
  _isFull(): boolean;
  _pulseQueue(): void;
  newClient(pending: { callback: (error: Error | undefined, client: unknown, release: () => void) => void }): void;
  _release(client: ClusterClient, idleListener: unknown, error?: Error | boolean): void;
}

/** A request that waits for a connection. */
interface Waiting {
  readonly callback: (error: Error) => void;
  rank?: Rank;
  sinceMs?: number;
}

/** A connection of the pool, until its release. */
export type PooledClient = ClusterClient & Pick<pg.PoolClient, 'release'>;

const warmUpIntervalMs = 250;
/** A refused login stays refused until a person mends it, so nothing is gained by knocking four times a second. */
const refusedPauseMs = 5_000;

/**
 * pg's pool with four additions: it knows the node of every connection, spreads the use over the members, opens as few as
 * are needed, and drops a connection that is dead, that leads to a node whose role has changed, or that has an open transaction.
 */
export class ClusterPool extends pg.Pool {
  private readonly cluster: ClusterPoolOptions;
  private readonly lastUsed = new Map<string, number>();
  private uses = 0;
  private warmUp: NodeJS.Timeout | undefined;
  private growth: NodeJS.Timeout | undefined;
  private lastConnectAtMs = 0;
  private lastConnectTookMs = 0;
  private refusedAtMs = Number.NEGATIVE_INFINITY;
  private target: Target | undefined;

  constructor(options: ClusterPoolOptions) {
    super({
      ...options,
      Client: ClusterClient,
      target: () => this.target ?? this.targetAt(0, true),
      min: options.warmConnections,
      onConnect: (client: ClusterClient) => this.admit(client),
    } as unknown as pg.PoolConfig);
    this.cluster = options;
    this.on('acquire', (client) => {
      this.lastUsed.set((client as unknown as ClusterClient).node.member, (this.uses += 1));
    });
    this.once('connect', () => this.keepWarm());
    this.connectOnNeed();
    this.dropUnfitOnRelease();
    this.chooseOnCheckout();
  }

  /**
   * Like {@link connect}, but takes the idle connection of the lowest rank. When none is idle the caller gets any other, and has
   * to look at its node.
   */
  connectTo(rank: Rank): Promise<PooledClient> {
    const { _pendingQueue: pending } = this.internals;
    const client = this.connect().catch((error: unknown) => this.explain(error));
    // pg-pool has put this caller at the end of its queue.
    const mine = pending.at(-1);
    if (mine !== undefined) mine.rank = rank;
    return client as unknown as Promise<PooledClient>;
  }

  /** Whether it has a connection that serves, idle or in use. */
  get isServing(): boolean {
    return this.serving > 0;
  }

  /** Whether there is an idle connection to this member. */
  hasIdleTo(member: string): boolean {
    return this.internals._idle.some(({ client }) => client.node.member === member);
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    clearInterval(this.warmUp);
    clearTimeout(this.growth);
    return callback === undefined ? super.end() : super.end(callback);
  }

  private get internals(): Internals {
    return this as unknown as Internals;
  }

  private async admit(client: ClusterClient): Promise<void> {
    const { accepts, directory, connectionTimeoutMillis } = this.cluster;
    const { index, isLastResort } = client.target ?? { index: 0, isLastResort: true };
    directory.reached(index, client.role);
    if (accepts === 'leader' && client.role !== 'leader') {
      throw wrongRole('connected to a replica where the leader is needed');
    }
    if (accepts === 'any' && client.role === 'leader' && !isLastResort) {
      throw wrongRole('connected to the leader where another host may be a replica');
    }
    await client.identify(connectionTimeoutMillis ?? 0);
    directory.reached(index, client.role, client.node);
    if (client.role === 'leader' && directory.isSuperseded(client.node)) {
      throw wrongRole('connected to a leader that was replaced');
    }
    if (accepts === 'leader') directory.writesTo(client.node);
    this.lastConnectTookMs = client.ageMs;
  }

  /**
   * pg-pool would open a connection for each caller that finds none idle, and keep that caller waiting for this very one. Told that
   * it is full, it queues all of them: a connection that is opened or released goes to the one that has waited longest.
   */
  private connectOnNeed(): void {
    this.internals._isFull = () => true;
    const queue = this.internals._pendingQueue;
    const push = queue.push.bind(queue);
    queue.push = (waiting) => {
      waiting.sinceMs = performance.now();
      process.nextTick(() => this.grow());
      return push(waiting);
    };
  }

  /** Opens the connections that are needed now, and looks again when the next one may be. */
  private grow(): void {
    clearTimeout(this.growth);
    for (let inMs = this.nextConnectMs(); inMs !== undefined; inMs = this.nextConnectMs()) {
      if (inMs > 0) {
        this.growth = setTimeout(() => this.grow(), Math.ceil(inMs));
        return;
      }
      this.open((error) => this.refuse(error));
    }
  }

  /** Tells the request that has waited longest, or all when none of them can have a connection: the login itself is refused. */
  private refuse(error: Error): void {
    const { _pendingQueue: pending } = this.internals;
    const concerned = isAccessRefused(codeOf(error)) && this.serving === 0 ? pending.length : 1;
    for (const { callback } of pending.splice(0, concerned)) callback(error);
  }

  /** A request that waited in vain while no connection served did not find a busy pool: it could not connect. */
  private explain(error: unknown): never {
    if (codeOf(error) !== ACQUIRE_TIMEOUT || this.serving > 0) throw error;
    throw Object.assign(new Error('no connection was made in time', { cause: error }), { code: CONNECT_TIMEOUT });
  }

  private get serving(): number {
    return this.internals._clients.filter(({ isIdentified }) => isIdentified).length;
  }

  private nextConnectMs(): number | undefined {
    const { _clients: clients, _idle: idle, _pendingQueue: pending } = this.internals;
    const [first] = pending;
    if (first === undefined || idle.length > 0 || this.ending) return undefined;
    const nowMs = performance.now();
    const { serving } = this;
    const load = {
      waiting: pending.length,
      serving,
      connecting: clients.length - serving,
      waitedMs: nowMs - (first.sinceMs ?? nowMs),
      sinceLastMs: nowMs - this.lastConnectAtMs,
      connectMs: this.lastConnectTookMs,
    };
    return nextConnectMs(load, { most: this.options.max, atOnce: this.cluster.concurrentConnects });
  }

  /**
   * Opens a connection, to one host after the other until one will do. Its release passes it to the request that has waited longest.
   *
   * @param failed is called when no host is left
   */
  private open(failed: (error: Error) => void, tried: Set<number> = new Set()): void {
    const { directory, accepts } = this.cluster;
    const choice = directory.next(accepts, tried, (index) => this.connectionsTo(index));
    const index = choice?.index ?? 0;
    this.lastConnectAtMs = performance.now();
    this.target = this.targetAt(index, choice?.isLastResort ?? true);
    this.internals.newClient({
      callback: (error, _client, release) => {
        if (error === undefined) {
          release();
          return;
        }
        const code = codeOf(error);
        if (code !== WRONG_ROLE) directory.failed(index);
        // A leader that a read has passed over is tried again when nothing else is left.
        const isPassedOver = code === WRONG_ROLE && accepts === 'any' && choice?.isLastResort === false;
        if (!isPassedOver) tried.add(index);
        if (tried.size === directory.hosts.length || isAccessRefused(code) || this.ending) failed(error);
        else this.open(failed, tried);
      },
    });
  }

  private connectionsTo(index: number): number {
    return this.internals._clients.filter(({ target }) => target?.index === index).length;
  }

  private targetAt(index: number, isLastResort: boolean): Target {
    const { directory, tls } = this.cluster;
    const { host, port } = directory.hosts[index] as Host;
    return { index, isLastResort, host, port, ssl: tlsOptions(tls, host) };
  }

  /**
   * Opens all that are missing at once, because HAProxy takes its servers in turn: then there is one to each replica. Only from the first
   * connection on: before, nothing may be there. A failed attempt is not reported here, because the next request that needs a connection
   * meets the same error and reports it.
   */
  private keepWarm(): void {
    this.warmUp = setInterval(() => {
      const { totalCount, serving } = this;
      if (this.ending || totalCount > serving || performance.now() - this.refusedAtMs < refusedPauseMs) return;
      const missing = Math.min(this.cluster.warmConnections - totalCount, this.cluster.concurrentConnects || Infinity);
      for (let opened = 0; opened < missing; opened += 1) this.open((error) => this.noteRefusal(error));
    }, warmUpIntervalMs);
    this.warmUp.unref();
  }

  private noteRefusal(error: Error): void {
    if (isAccessRefused(codeOf(error))) this.refusedAtMs = performance.now();
  }

  private dropUnfitOnRelease(): void {
    const release = this.internals._release.bind(this);
    this.internals._release = (client, idleListener, error) => {
      release(client, idleListener, error ?? (client.unfitReason !== undefined || this.isMisplaced(client)));
      // Its place is free now. pg-pool looks at its queue only when the server has answered the farewell, which a frozen one never does.
      this.grow();
    };
  }

  /** Whether another node is to be preferred by now: by reads a replica, and by all a leader that has replaced this one. */
  private isMisplaced({ role, ageMs, node }: ClusterClient): boolean {
    if (role !== 'leader') return false;
    const { accepts, leaderMaxAgeMs, directory } = this.cluster;
    return (accepts === 'any' && ageMs > leaderMaxAgeMs) || directory.isSuperseded(node);
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
      // After pg-pool has told the caller whose connect failed.
      process.nextTick(() => this.grow());
    };
  }
}

function wrongRole(message: string): Error {
  return Object.assign(new Error(message), { code: WRONG_ROLE });
}
