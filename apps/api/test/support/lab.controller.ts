import { join } from 'node:path';
import { z } from 'zod';
import { cutRules, uncutRules } from '../../../../libs/chaos/src/faults/network.cut.js';
import { saveEvidence } from '../../../../libs/cluster/src/evidence.js';
import { leaderOf, streams } from '../../../../libs/cluster/src/core/health.mjs';
import { etcds } from '../../../../libs/cluster/src/core/members.mjs';
import { clusterSchema, type Cluster } from '../../src/patroni/patroni.schema.js';
import { artifactsFolder, openLab } from './settings.js';
import { until } from './wait.js';

const healBoundMs = 120_000;
const replayBoundMs = 20_000;

const configSchema = z.looseObject({
  ttl: z.number(),
  loop_wait: z.number(),
  retry_timeout: z.number(),
  primary_start_timeout: z.number(),
  synchronous_mode: z.union([z.string(), z.boolean()]),
  synchronous_node_count: z.number(),
  failsafe_mode: z.boolean(),
});

/** Patroni's live dynamic configuration. */
export type PatroniConfig = z.output<typeof configSchema>;

/** Which members may be promoted without losing an acknowledged write, as the DCS holds it. */
export interface SyncState {
  readonly leader: string;
  readonly voters: readonly string[];
  readonly quorum: number;
}

/** Breaks the lab, looks at it and heals it, in the words of the tests; how, `apps/lab` knows. Never through the service. */
export class LabController {
  private readonly lab = openLab();
  /** Members that were cut here; what others have cut a controller does not know. */
  private readonly cut = new Set<string>();

  /** SIGKILL of everything in the containers. Docker leaves them dead until {@link start}. */
  async kill(...services: string[]): Promise<void> {
    await Promise.all(services.map((service) => this.signal(service, 'SIGKILL')));
  }

  /**
   * {@link kill} of the leader, whose lock is released at once instead of with its lease: for drills that are not about the
   * TTL. Safe, for Docker answers when the container has ended, and leaves it dead: nobody is left who could write without
   * the lock.
   */
  async killReleasingLock(leader: string): Promise<void> {
    await this.kill(leader);
    await this.lab.containers.run('etcd1', ['etcdctl', 'del', this.lab.keys.leader]);
  }

  /** Sends one signal to the main process of a container. */
  async signal(service: string, signal: string): Promise<void> {
    await this.lab.containers.signal(service, signal);
  }

  /** Freezes everything in the containers; {@link heal} thaws them. */
  async pause(...services: string[]): Promise<void> {
    await Promise.all(services.map((service) => this.lab.containers.pause(service)));
  }

  /** An orderly stop and a start; resolves when the container runs again. */
  async restart(service: string): Promise<void> {
    await this.lab.containers.restart(service);
  }

  async start(...services: string[]): Promise<void> {
    await Promise.all(services.map((service) => this.lab.containers.start(service)));
  }

  /** SIGKILL of PostgreSQL's postmaster alone: Patroni lives on beside it. */
  async killPostmaster(member: string): Promise<void> {
    await this.lab.killPostmaster(member);
  }

  /**
   * SIGKILL of `count` etcd members.
   *
   * @returns their names
   */
  async killEtcd(count: number): Promise<string[]> {
    const victims = etcds.slice(0, count);
    await this.kill(...victims);
    return victims;
  }

  /** Hands leadership to a replica in an orderly way; resolves when Patroni says that it is done. */
  async switchover(from: string, to: string): Promise<void> {
    await this.lab.switchover(from, to);
  }

  /**
   * Drops every replication packet between `leader` and the others, in both directions and in its own network namespace:
   * the leader lives, leads and serves, and nobody gets its log. It lasts until the container ends, or {@link heal}.
   */
  async cutReplication(leader: string): Promise<void> {
    const others = this.lab.members.filter((member) => member !== leader);
    const addresses = await Promise.all(others.map((member) => this.lab.containers.address(member)));
    this.cut.add(leader);
    await this.lab.containers.nft(leader, cutRules({ what: 'replication', addresses }));
  }

  /** Changes Patroni's live configuration; `null` takes a setting out. */
  async configure(change: object): Promise<void> {
    await this.lab.configure(change);
  }

  /** Makes replicas show what they have and nothing newer, while they go on receiving and confirming. */
  async freezeReplay(...replicas: string[]): Promise<void> {
    const frozen = await Promise.all(replicas.map((replica) => this.lab.signalReplay(replica, 'STOP')));
    if (frozen.includes(false)) throw new Error(`not all of these replay: ${replicas.join(', ')}`);
  }

  /** Undoes {@link freezeReplay}, wherever it was done, and waits until everyone has caught up. */
  async thawReplay(): Promise<void> {
    await this.resumeReplay();
    for (const replica of await this.replicas()) {
      await until({ what: `${replica} catches up`, boundMs: replayBoundMs, everyMs: 20 }, async () => {
        const [caughtUp] = await this.lab.psql(replica, 'SELECT pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()');
        return caughtUp === 't' ? true : undefined;
      });
    }
  }

  private async resumeReplay(): Promise<void> {
    await Promise.all(this.lab.members.map((member) => this.lab.signalReplay(member, 'CONT').catch(() => undefined)));
  }

  /** The members as the first Patroni that answers knows them. */
  async cluster(): Promise<Cluster> {
    return this.lab.askAny('/cluster', clusterSchema);
  }

  /** @throws Error while no running member leads */
  async leader(): Promise<string> {
    return this.lab.leader();
  }

  /** Every member but the leader. */
  async replicas(): Promise<string[]> {
    const leader = await this.leader();
    return this.lab.members.filter((member) => member !== leader);
  }

  /** Patroni's live configuration: that of the file counts at the first bootstrap only. */
  async config(): Promise<PatroniConfig> {
    return configSchema.parse(await this.lab.config());
  }

  /** The DCS key from which Patroni decides who may be promoted. */
  async syncState(): Promise<SyncState> {
    return this.lab.syncState();
  }

  async history(): Promise<unknown> {
    return this.lab.askAny('/history', z.unknown());
  }

  /** The image of the service, whether one instance of it runs (`api`) or several (`api1`, `api2`). */
  async apiImage(): Promise<string> {
    const containers = await this.lab.containers.list();
    const api = containers.find(({ service, status }) => /^api\d*$/.test(service) && status === 'running');
    if (api === undefined) throw new Error('no container of the API runs');
    return api.image;
  }

  /** Resolves once `member` streams on the leader's timeline. */
  async waitStreaming(member: string, boundMs: number): Promise<void> {
    await until({ what: `${member} streams`, boundMs }, async () => {
      const { members: seen } = await this.cluster();
      const self = seen.find(({ name }) => name === member);
      return self !== undefined && streams(self, leaderOf(seen)) ? true : undefined;
    });
  }

  /** See {@link Lab.waitHealthy}. */
  async waitHealthy(boundMs: number): Promise<void> {
    await this.lab.waitHealthy(boundMs);
  }

  /** Starts, thaws and joins what is down, frozen or cut, and waits until the lab is healthy again. */
  async heal(boundMs = healBoundMs): Promise<void> {
    await this.mend();
    await this.waitHealthy(boundMs);
  }

  /**
   * {@link heal} without the wait.
   *
   * @param cut members whose network is to be joined again if they run @default those that were cut here
   */
  async mend(cut: Iterable<string> = this.cut): Promise<void> {
    const suspects = new Set(cut);
    const containers = await this.lab.containers.list();
    await Promise.all(
      containers.map(async ({ service, status }) => {
        // Whoever starts has a network that nobody has cut.
        if (status === 'exited') await this.lab.containers.start(service);
        if (status === 'paused') await this.lab.containers.unpause(service);
        const ran = status === 'running' || status === 'paused';
        if (ran && suspects.has(service)) await this.lab.containers.nft(service, uncutRules());
      }),
    );
    this.cut.clear();
    await this.resumeReplay();
  }

  /** Rows stored under each name that begins with `prefix`, counted on the leader. */
  async countProducts(prefix: string): Promise<ReadonlyMap<string, number>> {
    return this.numbersByName(`SELECT name, count(*) FROM products WHERE starts_with(name, '${prefix}') GROUP BY name`);
  }

  /** The number in each row whose name begins with `prefix`, read on the leader. */
  async numbersOfProducts(prefix: string): Promise<ReadonlyMap<string, number>> {
    return this.numbersByName(`SELECT name, price::int FROM products WHERE starts_with(name, '${prefix}')`);
  }

  private async numbersByName(sql: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.lab.psql(await this.leader(), sql);
    return new Map(rows.map((row) => row.split('|')).map(([name, number]) => [String(name), Number(number)]));
  }

  async deleteProducts(prefix: string): Promise<void> {
    await this.lab.psql(await this.leader(), `DELETE FROM products WHERE starts_with(name, '${prefix}')`);
  }

  /** See {@link saveEvidence}; under test-artifacts/`name`/. */
  async saveEvidence(name: string): Promise<void> {
    await saveEvidence(this.lab, join(artifactsFolder, name));
  }
}
