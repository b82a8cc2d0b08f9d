import { Inject, Injectable } from '@nestjs/common';
import axios, { type AxiosInstance } from 'axios';
import { httpsAgent, type Tls } from '../../../../libs/service-kit/src/tls.files.js';
import { ENVIRONMENT, PEER_TLS } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { memberUrls } from './member.urls.js';
import {
  clusterSchema,
  configSchema,
  historySchema,
  type Cluster,
  type HistoryEntry,
  type PatroniConfig,
} from './patroni.schema.js';

/** Thrown when no member gave a usable answer; `cause` holds what each said. */
export class PatroniUnavailableError extends Error {
  override readonly name = 'PatroniUnavailableError';
  readonly code = 'PATRONI_UNAVAILABLE';
}

/** Reads Patroni's REST API from whichever member answers first. */
@Injectable()
export class PatroniClient {
  private readonly http: AxiosInstance;
  private urls: readonly string[];

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(PEER_TLS) tls: Tls | null,
  ) {
    this.http = axios.create({ timeout: environment.PATRONI_TIMEOUT_MS, maxRedirects: 0, ...httpsAgent(tls) });
    this.urls = environment.PATRONI_URLS;
  }

  /** Whether there is a Patroni to ask; where there is none, everything below throws. */
  get isConfigured(): boolean {
    return this.environment.PATRONI_URLS.length > 0;
  }

  /** `GET /cluster`: the members as the DCS knows them. Later calls ask all of these members, not only PATRONI_URLS. */
  async cluster(): Promise<Cluster> {
    const cluster = clusterSchema.parse(await this.getFromAny('/cluster'));
    this.urls = memberUrls(this.environment.PATRONI_URLS, cluster);
    return cluster;
  }

  /** `GET /config`: the live dynamic configuration, as far as the service uses it. */
  async config(): Promise<PatroniConfig> {
    return configSchema.parse(await this.getFromAny('/config'));
  }

  /** `GET /history`: where each past timeline ended, oldest first. */
  async history(): Promise<HistoryEntry[]> {
    return historySchema.parse(await this.getFromAny('/history'));
  }

  /**
   * Asks all members at once and takes the first answer: a frozen member, which accepts connections and never answers, must not
   * hold up the others. The remaining requests are cancelled.
   *
   * @throws PatroniUnavailableError when none answered within PATRONI_TIMEOUT_MS
   */
  private async getFromAny(path: string): Promise<unknown> {
    const settled = new AbortController();
    const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(this.environment.PATRONI_TIMEOUT_MS)]);
    const attempts = this.urls.map((url) => this.http.get<unknown>(`${url}${path}`, { signal }));
    try {
      return (await Promise.any(attempts)).data;
    } catch (cause) {
      throw new PatroniUnavailableError(`no Patroni member answered GET ${path}`, { cause });
    } finally {
      settled.abort();
    }
  }
}
