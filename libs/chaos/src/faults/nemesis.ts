import { RestoredServer } from '../../../backup/src/restored.server.js';
import { dataFolderOf, type Lab } from '../../../cluster/src/lab.js';
import type { FaultJournal, Undo } from './fault.journal.js';
import { healJournal } from './healing.js';
import { cutRules, uncutRules, type Cut } from './network.cut.js';

const fillerOf = (service: string) => `${dataFolderOf(service)}/chaos-filler`;
/** A proxy with this file fails its own check (infra/edge/check.sh). */
const drained = '/run/drained';
const fillBoundMs = 120_000;

/** Injects faults into the lab and heals them. Before it breaks a thing, it writes to the journal how to undo that. */
export class Nemesis {
  constructor(
    private readonly lab: Lab,
    private readonly journal: FaultJournal,
  ) {}

  /** Kills everything in the containers (SIGKILL), in all of them at once. Docker does not start them again. */
  async kill(...services: string[]): Promise<void> {
    for (const service of services) await this.journal.add({ kind: 'start', service });
    await Promise.all(services.map((service) => this.lab.containers.signal(service, 'SIGKILL')));
  }

  /**
   * Kills the leader's container and deletes its lock at once, so that a failover need not wait for the TTL. That is safe: Docker
   * answers when the container has ended and does not start it again, so nobody is left who could write without the lock.
   */
  async killReleasingLock(leader: string): Promise<void> {
    await this.kill(leader);
    await this.lab.containers.run('etcd1', ['etcdctl', 'del', this.lab.keys.leader]);
  }

  /**
   * Kills everything in the container (SIGKILL) but its first process, which then ends by itself. To Docker that is a crash: it
   * starts the container again where the restart policy says so.
   */
  async crash(service: string): Promise<void> {
    await this.journal.add({ kind: 'start', service });
    // The shell kills itself as well, so the command always fails.
    await this.lab.containers.exec(service, ['bash', '-c', 'kill -KILL -1']).catch(() => undefined);
  }

  /** Freezes every process of the containers. */
  async pause(...services: string[]): Promise<void> {
    for (const service of services) await this.journal.add({ kind: 'unpause', service });
    await Promise.all(services.map((service) => this.lab.containers.pause(service)));
  }

  /** Makes containers slow: each may use so many cores, for example a third of one. */
  async slow(cores: number, ...services: string[]): Promise<void> {
    for (const service of services) await this.journal.add({ kind: 'unlimitCpu', service });
    await Promise.all(services.map((service) => this.lab.containers.limitCpu(service, cores)));
  }

  /** An orderly stop and a start. */
  async restart(service: string): Promise<void> {
    await this.journal.add({ kind: 'start', service });
    await this.lab.containers.restart(service);
  }

  /** Makes HAProxy read its configuration again: a new process takes over, and the old one ends with its last connection. */
  async reloadHaproxy(): Promise<void> {
    for (const proxy of await this.lab.proxies()) await this.lab.containers.signal(proxy, 'USR2');
  }

  /** Makes a proxy give the virtual IP away, while its HAProxy lives on. */
  async drainEdge(edge: string): Promise<void> {
    await this.journal.add({ kind: 'undrainEdge', service: edge });
    await this.lab.containers.run(edge, ['touch', drained]);
  }

  /** Kills Patroni alone (SIGKILL): PostgreSQL lives on, and the supervisor starts Patroni again. */
  async killPatroni(member: string): Promise<void> {
    await this.lab.containers.run(member, ['pkill', '-KILL', '-f', 'bin/patroni .*postgres\\.yml']);
  }

  /** Drops packets in the container's own network namespace. */
  async cut(service: string, cut: Cut): Promise<void> {
    await this.journal.add({ kind: cut.what === 'cable' ? 'plugIn' : 'uncut', service });
    await this.lab.containers.nft(service, cutRules(cut));
  }

  /** Drops packets between the leader and its replicas on PostgreSQL's port: it leads and serves, and no replica receives WAL. */
  async cutReplication(leader: string): Promise<void> {
    const replicas = this.lab.members.filter((member) => member !== leader);
    const addresses = await Promise.all(replicas.map((replica) => this.lab.containers.address(replica)));
    await this.cut(leader, { what: 'replication', addresses });
  }

  /** Stops replay on replicas: they go on receiving and confirming WAL, and reads show nothing newer. */
  async freezeReplay(...replicas: string[]): Promise<void> {
    for (const replica of replicas) {
      await this.journal.add({ kind: 'thawReplay', service: replica });
      if (!(await this.lab.signalReplay(replica, 'STOP'))) throw new Error(`${replica} replays nothing`);
    }
  }

  /** Starts a long query on a replica. */
  async startReport(member: string): Promise<void> {
    await this.journal.add({ kind: 'endReports', service: member });
    await this.lab.startReport(member);
  }

  /** Changes Patroni's live configuration. Healing restores the present values of these settings. */
  async configure(change: Readonly<Record<string, unknown>>): Promise<void> {
    await this.restoreLater(...Object.keys(change));
    await this.lab.configure(change);
  }

  /** Makes healing restore the present values of these settings of Patroni. Call it before a command that changes them. */
  async restoreLater(...settings: string[]): Promise<void> {
    const live = await this.lab.config();
    const config = Object.fromEntries(settings.map((name) => [name, live[name] ?? null]));
    await this.healLater({ kind: 'configure', config });
  }

  /** Makes healing undo what a command outside of this program breaks. Call it before that command. */
  async healLater(undo: Undo): Promise<void> {
    await this.journal.add(undo);
  }

  /** Starts the fencing service unless it runs. Healing stops it again. */
  async fence(): Promise<void> {
    if (await this.lab.isFenced()) return;
    await this.journal.add({ kind: 'stopFencing' });
    await this.lab.fencing('on');
  }

  /** Removes an etcd member's container and its data. */
  async discardEtcd(etcd: string): Promise<void> {
    await this.journal.add({ kind: 'repair' });
    await this.lab.containers.discard(etcd);
  }

  /** Kills every member and removes its data. Healing rebuilds the cluster from the backup. */
  async loseMembers(): Promise<void> {
    const { containers, members } = this.lab;
    const found = await containers.list();
    if (!found.some(({ service, status }) => service === 'backup' && status === 'running'))
      throw new Error('without its backup the cluster could not be rebuilt: scripts/lab backup on');
    await this.journal.add({ kind: 'rebuild', service: 'cluster' });
    await Promise.all(members.map((member) => containers.signal(member, 'SIGKILL')));
    await Promise.all(members.map((member) => containers.discard(member)));
  }

  /** Fills the file system of the data folder to the last block. */
  async fillDisk(service: string): Promise<void> {
    const { containers } = this.lab;
    await this.journal.add({ kind: 'emptyDisk', service });
    const fill = ['timeout', '110', 'dd', 'if=/dev/zero', `of=${fillerOf(service)}`, 'bs=1M'];
    await containers.exec(service, fill, fillBoundMs);
    const free = await containers.run(service, ['stat', '--file-system', '--format', '%a', dataFolderOf(service)]);
    if (free !== '0') throw new Error(`${free} blocks of the disk of ${service} are still free`);
  }

  /**
   * Heals what is broken, newest first.
   *
   * @param services heals only what is broken of these services @default everything
   * @returns whether anything was broken
   * @throws NotHealedError
   */
  heal(...services: string[]): Promise<boolean> {
    return healJournal(this.journal, {
      undo: (undo) => this.undo(undo),
      nameOf: (undo) => ('service' in undo ? `${undo.kind} ${undo.service}` : undo.kind),
      isMeant: (undo) => services.length === 0 || ('service' in undo && services.includes(undo.service)),
      command: 'scripts/lab chaos run',
    });
  }

  private async undo(undo: Undo): Promise<void> {
    const { containers } = this.lab;
    switch (undo.kind) {
      case 'start':
        return containers.start(undo.service);
      case 'unpause':
        return containers.unpause(undo.service);
      case 'unlimitCpu':
        return containers.limitCpu(undo.service, undefined);
      case 'uncut':
      case 'plugIn':
        // The rules of a container that is down ended with its network namespace.
        if (await this.runs(undo.service)) {
          await containers.nft(undo.service, uncutRules(undo.kind === 'plugIn' ? 'cable' : 'everything'));
        }
        return;
      case 'thawReplay':
        if (await this.runs(undo.service)) await this.lab.signalReplay(undo.service, 'CONT');
        return;
      case 'endReports':
        // A container that is down runs no queries.
        if (await this.runs(undo.service)) await this.lab.endReports(undo.service);
        return;
      case 'emptyDisk':
        await containers.run(undo.service, ['rm', '-f', fillerOf(undo.service)]);
        return;
      case 'undrainEdge':
        await containers.run(undo.service, ['rm', '-f', drained]);
        return;
      case 'stopFencing':
        return this.lab.fencing('off');
      case 'removePoolers':
        return this.lab.pooler('off');
      case 'removeEdge':
        return this.lab.edge('off');
      case 'dropRestored':
        return new RestoredServer(this.lab, undo.name).remove();
      case 'rebuild': {
        const running = (await containers.list()).filter(({ status }) => status === 'running');
        // It may have been rebuilt by hand.
        if (this.lab.members.every((member) => running.some(({ service }) => service === member))) return;
        return this.lab.rebuild();
      }
      case 'repair':
        return this.lab.repair();
      case 'removeFourthMember':
        return this.lab.scale(3);
      case 'configure':
        return this.lab.configure(undo.config);
    }
  }

  private async runs(service: string): Promise<boolean> {
    const found = (await this.lab.containers.list()).find((container) => container.service === service);
    return found?.status === 'running' || found?.status === 'paused';
  }
}
