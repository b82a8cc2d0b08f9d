import type pg from 'pg';
import { leaderOf, whyNotWhole } from '../../../cluster/src/core/health.mjs';
import { modeOf } from '../../../cluster/src/core/mode.mjs';
import { clusterSchema, memberStatusSchema, type MemberStatus } from '../../../cluster/src/patroni.answers.js';
import type { Observed } from '../observe/observer.js';
import { askLines } from './sql.access.js';

const askTimeoutMs = 2_000;

/** Who leads, as far as it can be told: where a server has no name, by its timeline. */
export interface Leading {
  readonly name: string;
  readonly timeline?: number | undefined;
}

/** Whether another member leads now. A promotion begins a new timeline, so a higher one tells it where nobody has a name. */
export const isAnother = (before: Leading, now: Leading): boolean =>
  before.name === '' || now.name === ''
    ? before.timeline !== undefined && now.timeline !== undefined && now.timeline > before.timeline
    : now.name !== before.name;

/** Asks who leads. @throws Error while nobody does */
export async function leadingIn(view: TargetView, signal: AbortSignal): Promise<Leading> {
  const name = await view.leader();
  if (name !== '') return { name };
  return { name, timeline: (await view.memberStatus(view.members[0] ?? '', signal)).timeline };
}

/** What can be seen of a target's members, by one means or another. */
export interface TargetView extends Observed {
  /** Whether `whyNotWhole` knows when a member that was away is back. */
  readonly tellsRejoin: boolean;
  /** The name of who leads, which is empty where a server tells none. @throws Error while nobody leads */
  leader(): Promise<string>;
  /** Why the cluster is not as it was at the start, or undefined. */
  whyNotWhole(): Promise<string | undefined>;
}

/** By Patroni's REST API. */
export class PatroniView implements TargetView {
  readonly tellsRejoin = true;
  readonly members: readonly string[];

  private constructor(private readonly urls: ReadonlyMap<string, string>) {
    this.members = [...urls.keys()];
  }

  /** Asks each Patroni for its name. @throws Error where one does not answer */
  static async open(urls: readonly string[]): Promise<PatroniView> {
    const named = await Promise.all(
      urls.map(async (url) => {
        const { patroni } = memberStatusSchema.parse(
          await getJson(`${url}/patroni`).catch((cause: Error) => {
            throw new Error(`${url} does not answer as Patroni: ${reasonOf(cause)}`, { cause });
          }),
        );
        if (patroni?.name === undefined) throw new Error(`${url}/patroni names no member: Patroni 3 or newer does`);
        return [patroni.name, url] as const;
      }),
    );
    return new PatroniView(new Map(named));
  }

  async leader(): Promise<string> {
    const leader = leaderOf(await this.listed());
    if (leader === undefined) throw new Error('there is no leader');
    return leader.name;
  }

  async memberStatus(member: string, signal: AbortSignal): Promise<MemberStatus> {
    return memberStatusSchema.parse(await getJson(`${this.urls.get(member)}/patroni`, signal));
  }

  async whyNotWhole(): Promise<string | undefined> {
    const members = await this.listed();
    const mode = modeOf(await this.config());
    return whyNotWhole({ expected: this.members, members, leader: leaderOf(members), mode });
  }

  /** Whether Patroni is in maintenance mode, in which nobody fails over. */
  async isPaused(): Promise<boolean> {
    return (await this.cluster()).pause;
  }

  /** Its dynamic configuration. */
  async config(): Promise<Record<string, unknown>> {
    return (await this.askAny('/config')) as Record<string, unknown>;
  }

  private async listed() {
    return (await this.cluster()).members;
  }

  private async cluster() {
    return clusterSchema.parse(await this.askAny('/cluster'));
  }

  private askAny(path: string): Promise<unknown> {
    return Promise.any([...this.urls.values()].map((url) => getJson(`${url}${path}`)));
  }
}

/** By SQL, asked of each server itself. */
export class SqlView implements TargetView {
  readonly tellsRejoin = true;
  readonly members: readonly string[];

  constructor(
    private readonly servers: ReadonlyMap<string, pg.ClientConfig>,
    private readonly timelineSql: string | undefined,
  ) {
    this.members = [...servers.keys()];
  }

  async leader(): Promise<string> {
    const found = await Promise.all(
      this.members.map(async (member) =>
        (await this.ask(member, 'SELECT pg_is_in_recovery()').catch((): string[] => [])).includes('f')
          ? member
          : undefined,
      ),
    );
    const leaders = found.filter((member) => member !== undefined);
    if (leaders.length !== 1)
      throw new Error(`${leaders.length === 0 ? 'nobody' : leaders.join(' and ')} takes writes`);
    return leaders[0]!;
  }

  async memberStatus(member: string): Promise<MemberStatus> {
    return statusBy((sql) => this.ask(member, sql), this.timelineSql);
  }

  async whyNotWhole(): Promise<string | undefined> {
    const leader = await this.leader();
    const [position] = await this.ask(leader, 'SELECT pg_current_wal_flush_lsn()');
    for (const member of this.members.filter((name) => name !== leader)) {
      const [reached] = await this.ask(member, `SELECT pg_last_wal_replay_lsn() >= '${position}'`);
      if (reached !== 't') return `${member} has not replayed what ${leader} had written`;
    }
    return undefined;
  }

  private ask(member: string, sql: string): Promise<string[]> {
    return askLines(this.servers.get(member)!, sql);
  }
}

/** By the endpoint for writes alone: whoever answers there. */
export class EndpointView implements TargetView {
  readonly tellsRejoin = false;
  readonly members = ['write endpoint'];

  constructor(
    private readonly write: pg.ClientConfig,
    private readonly timelineSql: string | undefined,
    private readonly identitySql: string,
  ) {}

  /** The server that answers, by its own name for itself. */
  async leader(): Promise<string> {
    const [line = ''] = await askLines(this.write, `SELECT pg_is_in_recovery(), ${this.identitySql}`);
    const [recovering, name = ''] = line.split('|');
    if (recovering !== 'f') throw new Error('nobody takes writes');
    return name;
  }

  memberStatus(): Promise<MemberStatus> {
    return statusBy((sql) => askLines(this.write, sql), this.timelineSql);
  }

  async whyNotWhole(): Promise<string | undefined> {
    await this.leader();
    return undefined;
  }
}

async function statusBy(
  ask: (sql: string) => Promise<string[]>,
  timelineSql: string | undefined,
): Promise<MemberStatus> {
  // On a standby the function of the timeline throws; PostgreSQL runs only the branch that it needs.
  const timeline = timelineSql === undefined ? 'NULL' : `CASE WHEN NOT pg_is_in_recovery() THEN ${timelineSql} END`;
  const [line = ''] = await ask(`SELECT pg_is_in_recovery(), ${timeline}`);
  const [recovering, number = ''] = line.split('|');
  return {
    state: 'running',
    role: recovering === 'f' ? 'primary' : 'replica',
    ...(number === '' ? {} : { timeline: Number(number) }),
  };
}

async function getJson(url: string, signal: AbortSignal = AbortSignal.timeout(askTimeoutMs)): Promise<unknown> {
  return (await fetch(url, { signal })).json();
}

const reasonOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : error.message);
