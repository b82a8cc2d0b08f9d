import pg from 'pg';
import { writtenTimelineSql } from '../../../cluster/src/core/timeline.mjs';
import { until } from '../../../cluster/src/wait.js';
import type { Reach } from '../load/load.js';
import type { StateSource } from '../load/state.reader.js';
import { CannotRunError } from '../runs/cannot.run.error.js';
import type { RunResult } from '../results/run.result.js';
import { namesServer, type Probe, untoldOf, type Untold } from './capabilities.js';
import { dialectOf } from './judge.schema.js';
import { type AccessSource, askLines, assertWritable, askSql, clientConfigOf } from './sql.access.js';
import type { Target } from './target.schema.js';
import { EndpointView, PatroniView, SqlView, type TargetView } from './target.views.js';

const connectBoundMs = 10_000;
/** The member that stands for the cluster where it names none. */
const anyone = 'write endpoint';

/** A cluster that a target file describes, reached by what the file names and by nothing else. */
export class TargetCluster implements StateSource {
  private constructor(
    readonly target: Target,
    /** Where writes go. */
    readonly write: pg.ClientConfig,
    private readonly servers: ReadonlyMap<string, pg.ClientConfig>,
    readonly view: TargetView,
    readonly reach: Reach,
    /** What cannot be judged of it. */
    readonly untold: readonly Untold[],
    private readonly version: string,
  ) {}

  /**
   * Asks the cluster what it tells. Changes nothing.
   *
   * @param patience how long each part may take to answer @default 10 s
   * @throws CannotRunError where it cannot be reached, or nobody takes writes
   */
  static async open(
    target: Target,
    source: AccessSource,
    patience: Patience = { boundMs: connectBoundMs },
  ): Promise<TargetCluster> {
    const reached = <T>(what: string, ask: () => Promise<T>) => withPatience(what, ask, patience);
    const config = (endpoint: Target['sql']['write']) => clientConfigOf(endpoint, target, source);
    const write = config(target.sql.write);
    const read = target.sql.read && config(target.sql.read);
    const servers = new Map(Object.entries(target.members ?? {}).map(([name, endpoint]) => [name, config(endpoint)]));
    const version = await reached('sql.write', () => writableVersion(write));
    if (read !== undefined) await reached('sql.read', () => askLines(read, 'SELECT 1'));
    for (const [name, server] of servers) await reached(`members.${name}`, () => askLines(server, 'SELECT 1'));

    const probe = await reached('sql.write', () => probed(write, target.sql.identity));
    const timelineSql = probe.timeline ? writtenTimelineSql : undefined;
    const memberSql = probe.identity ? target.sql.identity : undefined;
    const { patroni } = target;
    const view =
      patroni !== undefined
        ? await reached('patroni', () => PatroniView.open(patroni))
        : servers.size > 0
          ? new SqlView(servers, timelineSql)
          : new EndpointView(write, timelineSql, probe.identity ? target.sql.identity : `''`);
    if (view instanceof PatroniView && (await view.isPaused()))
      throw new CannotRunError('Patroni is in maintenance mode, in which nobody fails over: patronictl resume');
    const clients: Reach = {
      // The service has names for members, SQL has addresses.
      ...(target.http === undefined ? {} : { http: { url: target.http, namesMembers: false } }),
      sql: {
        leader: { client: write },
        ...(read === undefined ? {} : { replicas: { client: read } }),
        dialect: dialectOf({ timelineSql, memberSql }),
      },
    };
    return new TargetCluster(target, write, servers, view, clients, untoldOf(target, probe), version);
  }

  /** The service, where there is one. */
  get http(): string | undefined {
    return this.target.http;
  }

  /** Whether commands may ask for the names of members. */
  get namesMembers(): boolean {
    return !(this.view instanceof EndpointView);
  }

  /** Servers whose rows are read: each member, or whoever takes writes. */
  get members(): readonly string[] {
    return this.servers.size === 0 ? [anyone] : [...this.servers.keys()];
  }

  async leader(): Promise<string> {
    for (const member of this.members) {
      const lines = await this.psql(member, 'SELECT pg_is_in_recovery()').catch((): string[] => []);
      if (lines.includes('f')) return member;
    }
    throw new Error('nobody takes writes');
  }

  psql(member: string, sql: string): Promise<string[]> {
    return askLines(this.servers.get(member) ?? this.write, sql);
  }

  /** Resolves when the cluster is as it was at the start, as far as it tells, and takes writes and reads. */
  async waitHealthy(boundMs: number, signal: AbortSignal): Promise<void> {
    let reason = '';
    const bound = { what: 'the cluster is healthy', boundMs, everyMs: 500, signal };
    await until(bound, async () => {
      reason = (await this.whyNotHealthy()) ?? '';
      return reason === '' ? true : undefined;
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw reason === '' ? error : new Error(`${(error as Error).message}: ${reason}`, { cause: error });
    });
  }

  /** Configuration and versions, for the result. */
  async liveConfig(): Promise<Pick<RunResult['config'], 'patroni' | 'images' | 'versions'>> {
    const { view } = this;
    return {
      patroni: view instanceof PatroniView ? await view.config() : {},
      images: {},
      versions: { node: process.version, postgresql: this.version },
    };
  }

  private async whyNotHealthy(): Promise<string | undefined> {
    const why = await this.view.whyNotWhole();
    if (why !== undefined) return why;
    await assertWritable(this.write);
    const { replicas } = this.reach.sql;
    if (replicas !== undefined) await askSql(replicas.client, 'SELECT 1');
    return undefined;
  }
}

async function writableVersion(write: pg.ClientConfig): Promise<string> {
  await assertWritable(write);
  const [version = 'unknown'] = await askLines(write, `SELECT current_setting('server_version')`);
  return version;
}

/** How long a part of a cluster may take to answer. */
interface Patience {
  readonly boundMs: number;
  readonly signal?: AbortSignal;
}

async function withPatience<T>(what: string, ask: () => Promise<T>, patience: Patience): Promise<T> {
  let last: unknown;
  const bound = { what, ...patience, everyMs: 1_000 };
  return until(bound, () =>
    ask().catch((error: unknown) => {
      last = error;
      throw error;
    }),
  ).catch((cause: unknown) => {
    patience.signal?.throwIfAborted();
    const reason = last instanceof Error ? last.message || String((last as { code?: unknown }).code) : String(cause);
    throw new CannotRunError(`${what} of the target file cannot be used: ${reason}`, { cause });
  });
}

/** Which expressions this login may ask for. Some clouds take functions away. @throws Error where the server cannot be asked */
async function probed(write: pg.ClientConfig, identitySql: string): Promise<Probe> {
  const told = async (expression: string) => {
    const [line = ''] = await askLines(write, `SELECT ${expression}`).catch((error: unknown) => {
      if (error instanceof pg.DatabaseError) return [];
      throw error;
    });
    return line;
  };
  return { timeline: (await told(writtenTimelineSql)) !== '', identity: namesServer(await told(identitySql)) };
}
