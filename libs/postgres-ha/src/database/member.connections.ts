import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ResolvedDatabase } from '../options/resolved.options.js';
import { withIdleClientTo } from './connection.checkout.js';
import type { Pools } from './pools.js';
import { tlsOptions } from './tls.options.js';

/** A member of the cluster and where it says it can be reached. */
export interface MemberAddress {
  readonly name: string;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** How a member was reached: by a pooled connection, which goes through the proxy, or by a direct one made for this question. */
export type Route = 'pooled' | 'direct';

/** Shorter than the bound of a health check, so that one frozen member does not make the whole check late. */
const answerTimeoutMs = 800;

/** Code of the error with which {@link MemberConnections.ask} gives up on a silent member. */
export const MEMBER_SILENT = 'MEMBER_SILENT';

type Asking<T> = (client: Pick<pg.ClientBase, 'query'>) => Promise<T>;

/** What a member answered. */
export interface Told<T> {
  readonly value: T;
  readonly route: Route;
}

/** Asks one member, whatever its role. For looking at the cluster; requests are never served this way. */
export class MemberConnections {
  constructor(
    private readonly pools: Pick<Pools, 'write' | 'read'>,
    private readonly database: ResolvedDatabase,
  ) {}

  /**
   * Uses an idle pooled connection to the member, which costs nothing. When there is none (a member that has just been added or
   * that the proxy keeps out, or full load), connects to the address that the member advertises.
   *
   * @throws Error of the connection or of `ask`; MEMBER_SILENT after 800 ms; ENOTFOUND where that name is unknown, as
   * outside the members' network
   */
  async ask<T>(member: MemberAddress, ask: Asking<T>): Promise<Told<T>> {
    const settled = new AbortController();
    const silence = sleep(answerTimeoutMs, undefined, { signal: settled.signal }).then((): never => {
      throw Object.assign(new Error(`${member.name} is silent`), { code: MEMBER_SILENT });
    });
    const answer = this.askByAnyRoute(member, ask);
    try {
      return await Promise.race([answer, silence]);
    } finally {
      settled.abort();
      silence.catch(() => undefined);
      answer.catch(() => undefined);
    }
  }

  private async askByAnyRoute<T>(member: MemberAddress, ask: Asking<T>): Promise<Told<T>> {
    for (const pool of [this.pools.read, this.pools.write]) {
      const pooled = await withIdleClientTo(pool, member.name, (client) =>
        ask(client as unknown as pg.ClientBase),
      ).catch(() => undefined);
      if (pooled !== undefined) return { value: pooled.value, route: 'pooled' };
    }
    return { value: await this.directly(member, ask), route: 'direct' };
  }

  private async directly<T>({ host, port }: MemberAddress, ask: Asking<T>): Promise<T> {
    const { database, username, password, applicationName, ssl } = this.database;
    const client = new pg.Client({
      host: host ?? '',
      port: port ?? 5432,
      database,
      user: username,
      password,
      ssl: tlsOptions(ssl, host ?? ''),
      application_name: `${applicationName}-member`,
      connectionTimeoutMillis: answerTimeoutMs,
      query_timeout: answerTimeoutMs,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await ask(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
