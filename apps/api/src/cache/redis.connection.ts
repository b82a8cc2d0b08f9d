import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createClient } from 'redis';
import { tlsOptions, type Tls } from '../../../../libs/service-kit/src/tls.files.js';
import { ENVIRONMENT, PEER_TLS } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { backoffMs, codeOf } from '../../../../libs/postgres-ha/src/index.js';
import { Metrics } from '../observability/metrics.js';
import { scripts } from './cache.scripts.js';
import { Circuit } from './circuit.js';

const connectTimeoutMs = 1_000;
const reconnect = { baseMs: 100, maxMs: 2_000 };
/** How many commands may be under way at once. While Redis answers, they are far fewer. */
const maxQueued = 10_000;

function makeClient({ REDIS_HOST, REDIS_PORT, REDIS_PASSWORD, REDIS_TLS }: Environment, tls: Tls | null) {
  return createClient({
    ...(REDIS_PASSWORD === undefined ? {} : { password: REDIS_PASSWORD }),
    socket: {
      host: REDIS_HOST ?? '',
      port: REDIS_PORT,
      connectTimeout: connectTimeoutMs,
      ...(REDIS_TLS === 'true' && { tls: true as const, ...(tls && tlsOptions(tls)) }),
      reconnectStrategy: (retries) => backoffMs(retries, reconnect),
    },
    // Without a connection a command fails at once: the request can do without.
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxQueued,
    maintNotifications: 'disabled',
    scripts,
  });
}

type Client = ReturnType<typeof makeClient>;

/** The connection to Redis. Each use is bounded, and none throws. While Redis is away, hardly any use is tried. */
@Injectable()
export class RedisConnection implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RedisConnection.name);
  private readonly circuit = new Circuit();
  private readonly client: Client | undefined;
  private readonly timeoutMs: number;

  constructor(
    private readonly metrics: Metrics,
    @Inject(ENVIRONMENT) environment: Environment,
    @Inject(PEER_TLS) tls: Tls | null,
  ) {
    this.timeoutMs = environment.REDIS_TIMEOUT_MS;
    if (environment.REDIS_HOST === undefined) return;
    this.client = makeClient(environment, tls);
    // The command under way reports the error itself, and the client reconnects by itself.
    this.client.on('error', () => undefined);
  }

  /** Whether there is a cache at all. */
  get isConfigured(): boolean {
    return this.client !== undefined;
  }

  onApplicationBootstrap(): void {
    this.client?.connect().catch((error: unknown) => {
      this.logger.error(`cache: gave up connecting (${codeOf(error)})`);
    });
  }

  onApplicationShutdown(): void {
    if (this.client?.isOpen === true) this.client.destroy();
  }

  /**
   * Returns what `send` returns; undefined when Redis did not answer within REDIS_TIMEOUT_MS, refused, or was not tried.
   *
   * @param operation label of `pgha_cache_operation_seconds`
   * @param pastCircuit try it also while the circuit is open: it completes what was sent before, or it asks how Redis is
   */
  async use<T>(operation: string, send: (client: Client) => Promise<T>, pastCircuit = false): Promise<T | undefined> {
    if (this.client === undefined || !(pastCircuit || this.circuit.admits(performance.now()))) return undefined;
    const startedMs = performance.now();
    try {
      const answer = await withinMs(this.timeoutMs, send(this.client));
      if (this.circuit.isOpen) this.logger.log('cache: Redis answers');
      this.circuit.succeeded();
      return answer;
    } catch (error) {
      if (!this.circuit.isOpen) this.logger.warn(`cache: Redis does not answer (${reasonOf(error)}), going on without`);
      this.circuit.failed(performance.now());
      return undefined;
    } finally {
      this.metrics.cacheSeconds.observe({ operation }, (performance.now() - startedMs) / 1_000);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 80) : 'unknown';
}

/**
 * The time that this process takes for itself is not counted. The client sends at the end of the turn of the event loop,
 * so the clock starts after that; and a timer that is due because the loop was held up is due before an answer that lies
 * ready has been read, so it gets one turn more.
 *
 * @throws Error after `boundMs`
 */
async function withinMs<T>(boundMs: number, work: Promise<T>): Promise<T> {
  let start: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error(`no answer within ${boundMs} ms`));
    start = setImmediate(() => (timer = setTimeout(() => setImmediate(giveUp), boundMs)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearImmediate(start);
    clearTimeout(timer);
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}
