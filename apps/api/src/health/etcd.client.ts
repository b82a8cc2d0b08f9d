import { Inject, Injectable } from '@nestjs/common';
import axios, { type AxiosInstance } from 'axios';
import { ENVIRONMENT, PEER_TLS } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { httpsAgent, type Tls } from '../../../../libs/service-kit/src/tls.files.js';
import { codeOf } from '../../../../libs/postgres-ha/src/index.js';

/** Below the default of HEALTH_TIMEOUT_MS, so that the answer names a silent member. */
const timeoutMs = 2_000;

/** Health of one etcd member, as it reports it. */
export interface EtcdCheck {
  readonly url: string;
  /** The member answers, knows a leader and can read through it. */
  readonly healthy: boolean;
  /** Why it is not healthy: etcd's own reason, or the code of the failed request. */
  readonly reason?: string;
}

/** Asks each etcd member separately. */
@Injectable()
export class EtcdClient {
  private readonly http: AxiosInstance;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(PEER_TLS) tls: Tls | null,
  ) {
    // Without quorum a member answers 503 and says why.
    this.http = axios.create({
      timeout: timeoutMs,
      maxRedirects: 0,
      proxy: false,
      validateStatus: () => true,
      ...httpsAgent(tls),
    });
  }

  /** `GET /health` of every member in ETCD_URLS, all at once; none where ETCD_URLS is not set. Never throws. */
  async checkMembers(): Promise<EtcdCheck[]> {
    return Promise.all((this.environment.ETCD_URLS ?? []).map((url) => this.check(url)));
  }

  private async check(url: string): Promise<EtcdCheck> {
    try {
      const { data } = await this.http.get<{ health?: string; reason?: string }>(`${url}/health`, {
        signal: AbortSignal.timeout(timeoutMs),
      });
      return data.health === 'true'
        ? { url, healthy: true }
        : { url, healthy: false, reason: data.reason || 'unhealthy' };
    } catch (error) {
      return { url, healthy: false, reason: codeOf(error) };
    }
  }
}
