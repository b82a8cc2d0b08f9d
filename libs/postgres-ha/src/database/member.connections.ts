import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { POSTGRES_HA_OPTIONS, type PostgresHaOptions } from '../options/postgres-ha.options.js';
import { withIdleClientTo } from './connection.checkout.js';

/** A member of the cluster and where it says it can be reached. */
export interface MemberAddress {
  readonly name: string;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** How a member was reached: by a pooled connection, hence through the proxy, or by one of its own, made for the occasion. */
export type Route = 'pooled' | 'direct';

/** Shorter than the bound of a health check: one member that is frozen must not make all of it late. */
const answerTimeoutMs = 800;

/** Code of the error with which {@link MemberConnections.ask} gives up on a silent member. */
export const MEMBER_SILENT = 'MEMBER_SILENT';

type Asking<T> = (client: Pick<pg.ClientBase, 'query'>) => Promise<T>;

interface Told<T> {
  readonly value: T;
  readonly route: Route;
}

/** Asks a certain member, whichever it is; for looking at the cluster, never for serving. */
@Injectable()
export class MemberConnections {
  constructor(
    @InjectDataSource('write') private readonly leader: DataSource,
    @InjectDataSource('read') private readonly replicas: DataSource,
    @Inject(POSTGRES_HA_OPTIONS) private readonly options: PostgresHaOptions,
  ) {}

  /**
   * An idle pooled connection to the member costs nothing. Where there is none, as for a member that has just been added,
   * that the proxy keeps out, or under full load, one is made to the address the member advertises.
   *
   * @throws Error of the connection or of `ask`; MEMBER_SILENT after 800 ms; ENOTFOUND where that name means nothing, as
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
    for (const pool of [this.replicas, this.leader]) {
      const pooled = await withIdleClientTo(pool, member.name, (client) =>
        ask(client as unknown as pg.ClientBase),
      ).catch(() => undefined);
      if (pooled !== undefined) return { value: pooled.value, route: 'pooled' };
    }
    return { value: await this.directly(member, ask), route: 'direct' };
  }

  private async directly<T>({ host, port }: MemberAddress, ask: Asking<T>): Promise<T> {
    const { database, username, password, applicationName } = this.options.database;
    const client = new pg.Client({
      host: host ?? '',
      port: port ?? 5432,
      database,
      user: username,
      password,
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
