import { setTimeout as sleep } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { POSTGRES_HA_OPTIONS, type PostgresHaOptions } from '../options/postgres-ha.options.js';
import { backoffMs } from './backoff.js';
import { connect } from './connection.checkout.js';
import { codeOf } from './failure.table.js';

/**
 * Connects the DataSources, and lets the application migrate its schema, in the background, for as long as it takes, with
 * backoff. The service starts, and serves what it can, while PostgreSQL or the proxy is away.
 */
@Injectable()
export class DatabaseLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DatabaseLifecycle.name);
  private readonly stopping = new AbortController();
  private readonly reached = new Set<string>();

  constructor(
    @InjectDataSource('write') private readonly write: DataSource,
    @InjectDataSource('read') private readonly read: DataSource,
    @InjectDataSource('watch') private readonly watch: DataSource,
    @Inject(POSTGRES_HA_OPTIONS) private readonly options: PostgresHaOptions,
  ) {}

  /** True once the schema is current and all DataSources have connected; it stays true when the database goes away. */
  get isReady(): boolean {
    return this.reached.size === 4 && !this.stopping.signal.aborted;
  }

  onApplicationBootstrap(): void {
    void this.reach('schema', () => this.options.migrate());
    void this.reach('write', () => connect(this.write));
    void this.reach('read', () => connect(this.read));
    void this.reach('watch', () => connect(this.watch));
  }

  /** `isReady` becomes false, and the service goes on serving for as long as a load balancer needs to notice that. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await sleep(this.options.database.drainMs);
  }

  private async reach(what: string, attempt: () => Promise<unknown>): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await attempt();
        this.reached.add(what);
        this.logger.log(`database: ${what} ready`);
        return;
      } catch (error) {
        const delayMs = backoffMs(failures, { baseMs: 250, maxMs: 5_000 });
        this.logger.warn(`database: ${what} not reachable (${codeOf(error)}), next attempt in ${delayMs} ms`);
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
