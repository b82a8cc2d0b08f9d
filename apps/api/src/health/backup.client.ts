import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import axios, { type AxiosInstance } from 'axios';
import { z } from 'zod';
import { ENVIRONMENT, PEER_TLS } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { Metrics } from '../observability/metrics.js';
import { type BackupMetric, figuresOf } from './backup.figures.js';
import { httpsAgent, type Tls } from '../../../../libs/service-kit/src/tls.files.js';

const timeoutMs = 2_000;
const refreshMs = 15_000;

/** A label, without which a metric that nobody sets would be 0. */
const repository = 'lab';

const statusSchema = z.object({
  lastBackup: z.string().nullable(),
  lastBackupAgeSeconds: z.number().nullable(),
  /** Age of the figures below: the repository asks the leader for them. */
  leaderHeardSeconds: z.number().nullable(),
  receiving: z.boolean(),
  /** PostgreSQL's word for what the members keep for the repository: `reserved`, …, `lost`. */
  slot: z.string().nullish(),
  behindBytes: z.number().nullish(),
  retainedBytes: z.number().nullish(),
  /** Age of the newest WAL that was received. */
  newestWalSeconds: z.number(),
  /** WAL was lost to the repository, and no base backup has been made since. */
  gap: z.boolean(),
  lastVerifiedAgeSeconds: z.number().nullable(),
  /** Age of the second copy, in an S3 store; null where none is kept. */
  copyAgeSeconds: z.number().nullable(),
  freeBytes: z.number(),
});

/** What the repository of backups says of itself (infra/backup/serve.py). */
export type BackupStatus = z.output<typeof statusSchema>;

/** Asks the repository of backups, where there is one, and keeps its figures as metrics. */
@Injectable()
export class BackupClient implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly http: AxiosInstance;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(PEER_TLS) tls: Tls | null,
    private readonly metrics: Metrics,
  ) {
    const { BACKUP_PASSWORD: password = '' } = environment;
    const auth = { username: 'backup', password };
    this.http = axios.create({ timeout: timeoutMs, maxRedirects: 0, proxy: false, auth, ...httpsAgent(tls) });
  }

  get isConfigured(): boolean {
    return this.environment.BACKUP_URL !== undefined;
  }

  /** `GET /status`. @throws Error when there is no answer, or it is no status */
  async status(): Promise<BackupStatus> {
    const status = await this.ask().catch((error: unknown) => {
      this.show(undefined);
      throw error;
    });
    this.show(status);
    return status;
  }

  onApplicationBootstrap(): void {
    if (!this.isConfigured) return;
    // A failure is not reported here: the health indicator does.
    this.timer = setInterval(() => void this.status().catch(() => undefined), refreshMs);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async ask(): Promise<BackupStatus> {
    const signal = AbortSignal.timeout(timeoutMs);
    return statusSchema.parse((await this.http.get(`${this.environment.BACKUP_URL}/status`, { signal })).data);
  }

  private show(status: BackupStatus | undefined): void {
    const figures = figuresOf(status);
    for (const name of Object.keys(figures) as BackupMetric[]) {
      const value = figures[name];
      if (value === undefined) this.metrics[name].remove({ repository });
      else this.metrics[name].set({ repository }, value);
    }
  }
}
