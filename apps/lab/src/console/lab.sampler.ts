import { z } from 'zod';
import { EtcdWatch } from '../../../../libs/chaos/src/observe/etcd.watch.js';
import { healthyEtcds, etcdHealthCommand } from '../../../../libs/cluster/src/core/etcd.mjs';
import { etcds } from '../../../../libs/cluster/src/core/members.mjs';
import { serverStatuses } from '../../../../libs/cluster/src/haproxy.stats.js';
import { originOf } from '../../../../libs/cluster/src/lab.settings.js';
import type { Lab } from '../../../../libs/cluster/src/lab.js';
import { memberStatusSchema } from '../../../../libs/cluster/src/patroni.answers.js';
import { pause } from '../../../../libs/cluster/src/wait.js';
import type { InstanceView, LeaseView, MemberView, ServiceView, Snapshot } from '../../../../libs/live/src/protocol.js';
import { changesBetween, type Change } from './changes.js';
import { look } from './look.js';
import { isReachable, leads, memberView, serverHealth, type MemberSeen, type Position } from './member.view.js';
import { instanceView, serviceView } from './service.metrics.js';

/** Each look costs a member's Patroni a query. */
const memberEveryMs = 500;
const haproxyEveryMs = 500;
/** Reading the metrics of an instance is the dearest look of all. */
const instanceEveryMs = 2_000;
/** It starts a process in a container. */
const etcdEveryMs = 5_000;
const configEveryMs = 10_000;
const timeoutMs = 1_000;
/** Positions of the leader that are kept: replay that is further behind than this shows the oldest of them. */
const positionsMs = 120_000;

const ttlSchema = z.looseObject({ ttl: z.number() });

/** What the sampler knows of the lab. */
export type LabView = Pick<Snapshot, 'scope' | 'members' | 'etcds' | 'instances' | 'lease' | 'service' | 'paused'>;

/** Looks at every part of the lab again and again, each at its own pace, and tells what has changed. */
export class LabSampler {
  private readonly stopping = new AbortController();
  private readonly watch: EtcdWatch;
  private readonly members = new Map<string, MemberSeen>();
  private readonly positions: Position[] = [];
  private readonly instances = new Map<string, { status: InstanceView['status']; service?: ServiceView }>();
  private haproxy: readonly { backend: string; server: string; value: string }[] = [];
  private healthyEtcd: readonly string[] = [...etcds];
  private etcdLeader: string | undefined;
  private ttlMs = 30_000;
  private lease: { readonly holder: string; readonly seenMs: number } | undefined;
  /** Who holds the lock by etcd's watch, nobody where it has no name; undefined before the first change. */
  private holder: { readonly name: string | undefined; readonly sinceMs: number } | undefined;
  private last: LabView | undefined;

  constructor(
    private readonly lab: Lab,
    private readonly tell: (change: Change) => void,
  ) {
    this.watch = new EtcdWatch(lab, (change) => {
      this.holder = { name: change.kind === 'taken' ? change.by : undefined, sinceMs: Date.now() };
      if (change.kind === 'released') {
        this.lease = undefined;
        tell({ source: 'etcd', text: 'the leader lock is free' });
      } else tell({ source: 'etcd', member: change.by, text: 'has taken the leader lock' });
    });
  }

  start(): void {
    void this.watch.start();
    const { API1_PORT, API2_PORT } = this.lab.settings;
    for (const member of this.lab.members) this.repeat(memberEveryMs, () => this.lookAtMember(member));
    this.repeat(haproxyEveryMs, () => this.lookAtHaproxy());
    this.repeat(instanceEveryMs, () => this.lookAtInstance('api1', API1_PORT));
    this.repeat(instanceEveryMs, () => this.lookAtInstance('api2', API2_PORT));
    this.repeat(etcdEveryMs, () => this.lookAtEtcd());
    this.repeat(configEveryMs, async () => {
      this.ttlMs = ttlSchema.parse(await this.lab.config()).ttl * 1_000;
    });
  }

  stop(): void {
    this.stopping.abort();
    this.watch.stop();
  }

  /** The lab by the newest looks. Tells what has changed since the last call. */
  view(nowMs: number): LabView {
    const instances = [...this.instances].map(([name, { status }]) => ({ name, status }));
    const view: LabView = {
      scope: this.lab.settings.LAB_SCOPE,
      members: this.lab.members.map((name) => this.memberView(name)),
      etcds: etcds.map((name) => ({
        name,
        healthy: this.healthyEtcd.includes(name),
        leads: name === this.etcdLeader,
      })),
      instances,
      lease: this.leaseView(nowMs),
      service: this.service(),
      paused: [...this.members.values()].some(({ status }) => status?.pause === true),
    };
    // The first looks find everything new.
    if (this.last !== undefined && this.last.members.some(({ reachable }) => reachable))
      for (const change of changesBetween(this.last, view)) this.tell(change);
    this.last = view;
    return view;
  }

  private memberView(name: string): MemberView {
    const health = (backend: string) =>
      serverHealth(this.haproxy.find((state) => state.backend === backend && state.server === name)?.value);
    const haproxy = { leader: health('leader'), replicas: health('replicas') };
    const seen = this.members.get(name) ?? { name, status: undefined, atMs: 0, misses: 0 };
    return memberView(seen, this.positions, haproxy);
  }

  private leaseView(nowMs: number): LeaseView | null {
    if (this.lease === undefined) return null;
    const { holder, seenMs } = this.lease;
    const remainingMs = Math.max(0, Math.min(this.ttlMs, seenMs + this.ttlMs - nowMs));
    return { holder, ttlMs: this.ttlMs, remainingMs };
  }

  private service(): ServiceView | null {
    return serviceView([...this.instances.values()].flatMap(({ service }) => service ?? []));
  }

  private async lookAtMember(name: string): Promise<void> {
    const before = this.members.get(name);
    try {
      const { text } = await look(`${this.lab.restUrl(name)}/patroni`, timeoutMs);
      const status = memberStatusSchema.parse(JSON.parse(text));
      const atMs = Date.now();
      this.members.set(name, { name, status, atMs, misses: 0 });
      if (!leads(status)) return;
      // The leader has the lock's lease renewed each time it reaches etcd.
      if (typeof status.dcs_last_seen === 'number' && this.mayHold(name, atMs))
        this.lease = { holder: name, seenMs: status.dcs_last_seen * 1_000 };
      if (status.xlog?.location !== undefined) this.addPosition({ atMs, bytes: status.xlog.location });
    } catch {
      const misses = (before?.misses ?? 0) + 1;
      const seen = { name, status: before?.status, atMs: before?.atMs ?? 0, misses };
      this.members.set(name, isReachable(seen) ? seen : { ...seen, status: undefined });
    }
  }

  /** A leader that has lost the lock calls itself leader for a moment longer. A watch that has missed a change is believed for one lease only. */
  private mayHold(name: string, nowMs: number): boolean {
    const { holder } = this;
    return holder === undefined || holder.name === name || nowMs - holder.sinceMs > this.ttlMs;
  }

  private addPosition(position: Position): void {
    this.positions.push(position);
    while ((this.positions[0]?.atMs ?? 0) < position.atMs - positionsMs) this.positions.shift();
  }

  private async lookAtHaproxy(): Promise<void> {
    const { url, headers } = this.lab.statsRequest;
    const answer = await look(url, timeoutMs, headers).catch(() => undefined);
    this.haproxy = answer?.status === 200 ? serverStatuses(answer.text) : [];
  }

  private async lookAtInstance(name: string, port: number): Promise<void> {
    const origin = originOf(this.lab.settings, port);
    try {
      const { status } = await look(`${origin}/health/ready`, timeoutMs);
      const service = instanceView((await look(`${origin}/metrics`, timeoutMs)).text);
      this.instances.set(name, { status: status === 200 ? 'ready' : 'not ready', service });
    } catch {
      this.instances.set(name, { status: 'unreachable' });
    }
  }

  private async lookAtEtcd(): Promise<void> {
    const asked = etcds.map(async (name) => {
      const healthy = healthyEtcds((await this.lab.containers.exec(name, etcdHealthCommand)).stdout);
      if (healthy.length === 0) throw new Error(`${name} knows no healthy member`);
      return healthy;
    });
    this.healthyEtcd = await Promise.any(asked).catch(() => []);
    this.etcdLeader = await this.lab.etcdLeader().catch(() => undefined);
  }

  /** The next look begins only when the last one has ended: a slow part is looked at less often, and nothing piles up. */
  private repeat(everyMs: number, task: () => Promise<void>): void {
    const { signal } = this.stopping;
    void (async () => {
      while (!signal.aborted) {
        const startedMs = performance.now();
        await task().catch(() => undefined);
        await pause(Math.max(0, everyMs - (performance.now() - startedMs)), signal);
      }
    })();
  }
}
