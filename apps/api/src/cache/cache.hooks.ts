import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type Claims,
  claimsAfterReading,
  LeaderSampler,
  LineageService,
  type Position,
  type Proof,
} from '../../../../libs/postgres-ha/src/index.js';
import { RequestContext } from '../../../../libs/postgres-ha/src/nest/index.js';
import { Metrics } from '../observability/metrics.js';
import { isProblemCode } from '../problem-details/problem.catalogue.js';
import { ProblemError } from '../problem-details/problem.error.js';
import { demandOf, isAbandoned, renewed, suffices } from './cache.decision.js';
import type { CacheEntry } from './cache.entry.js';
import { cacheStatusHeader, type CacheStatus, type Forwarded } from './cache.status.js';
import { CacheStore, type Found } from './cache.store.js';
import { cachedRouteOf, keyOf, type CachedRoute } from './cached.decorator.js';
import { RedisConnection } from './redis.connection.js';
import { RunningReads, type RunningRead } from './running.reads.js';

/** How long a request waits for another request that reads the same resource, in this instance or in another. */
const maxWaitMs = 500;
const otherInstancePollMs = 10;

/** A request that went on to the database, and what is needed to keep its answer. */
interface Miss {
  readonly route: CachedRoute;
  readonly key: string;
  readonly forwarded: Forwarded;
  readonly epoch: string;
  /** The entry that was found, although it did not suffice. */
  readonly kept: CacheEntry | undefined;
  /** What the client had seen before the read. */
  readonly claims: Claims | undefined;
  /** The read of this request, when others of this instance may wait for it. */
  readonly read: RunningRead | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    cacheMiss?: Miss | undefined;
  }
}

/**
 * The cache as hooks of Fastify on the routes that declare it. A hit is answered before Nest's pipeline, with the bytes that
 * were sent the first time. Other routes are not slowed down.
 */
@Injectable()
export class CacheHooks {
  private readonly logger = new Logger(CacheHooks.name);
  private readonly running = new RunningReads(maxWaitMs);

  constructor(
    private readonly redis: RedisConnection,
    private readonly store: CacheStore,
    private readonly context: RequestContext,
    private readonly lineage: LineageService,
    private readonly sampler: LeaderSampler,
    private readonly metrics: Metrics,
  ) {}

  /**
   * To be called before the hooks of `consistency` are added: they put on the answer the token that this `onSend` decides.
   * The lookup is a hook of its route, and hooks of a route run after all others, so it knows the token of the request.
   */
  serve(fastify: FastifyInstance): void {
    if (!this.redis.isConfigured) return;
    fastify.decorateRequest('cacheMiss');
    fastify.addHook('onSend', (request, reply, payload, done) => {
      const { cacheMiss } = request;
      if (cacheMiss === undefined) done();
      else void this.keep(cacheMiss, reply, payload).catch(this.report).finally(done);
    });
    fastify.addHook('onRoute', (route) => {
      const cached = cachedRouteOf(route.config);
      if (cached === undefined || route.method !== 'GET') return;
      route.preHandler = [
        route.preHandler ?? [],
        (request: FastifyRequest, reply: FastifyReply) => this.look(cached, request, reply),
      ].flat();
    });
  }

  /**
   * Answers a hit. On a miss the request waits for another one that reads the same resource already; when there is none, or its
   * answer does not suffice, the handler reads it.
   */
  private async look(route: CachedRoute, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { consistency, claims } = this.context;
    const key = keyOf(route, request.params);
    const demand = demandOf(consistency, claims, (maxMs) => this.sampler.requiredFor(maxMs));
    if (key === undefined || demand === undefined) return this.bypass(reply, 'bypass', undefined);
    const found = await this.store.find(key);
    if (found === undefined) return this.bypass(reply, 'unavailable', 'unavailable');
    const entry = this.usable(found, demand, claims);
    if (entry !== undefined) {
      return this.answer(reply, entry, { hit: true, ttlSeconds: secondsLeft(entry) });
    }
    const forwarded = found.entry === undefined ? 'uri-miss' : 'stale';
    this.metrics.cacheRequests.inc({ result: forwarded === 'stale' ? 'stale' : 'miss' });
    const other = this.running.of(key);
    const read = other === undefined ? this.running.begin(key) : undefined;
    const lease = other === undefined ? await this.store.acquire(key) : undefined;
    const isTaken = other !== undefined || lease?.isFree === false;
    const latest = isTaken ? await this.awaitOther(key, other, demand, claims) : found;
    const brought = latest && isTaken ? this.usable(latest, demand, claims) : undefined;
    if (brought !== undefined) {
      read?.end();
      return this.answer(reply, brought, { hit: false, forwarded, collapsed: true });
    }
    const epoch = lease?.epoch ?? latest?.epoch;
    if (epoch === undefined) {
      read?.end();
      return this.bypass(reply, 'unavailable', 'unavailable');
    }
    request.cacheMiss = { route, key, forwarded, epoch, kept: this.sound(latest, epoch), claims, read };
    this.context.demandProof();
    return undefined;
  }

  /** Waits until the read of another request of this instance ends, or until what another instance reads is in Redis. */
  private async awaitOther(
    key: string,
    other: RunningRead | undefined,
    demand: readonly Position[],
    claims: Claims | undefined,
  ): Promise<Found | undefined> {
    if (other !== undefined) {
      await other.ended;
      return this.store.find(key);
    }
    const deadlineMs = performance.now() + maxWaitMs;
    for (;;) {
      await sleep(otherInstancePollMs);
      const found = await this.store.find(key);
      if (found === undefined || performance.now() > deadlineMs || this.usable(found, demand, claims)) return found;
    }
  }

  private usable(found: Found, demand: readonly Position[], claims: Claims | undefined): CacheEntry | undefined {
    const { entry } = found;
    return entry !== undefined && suffices(entry, demand, claims, this.lineage.known) ? entry : undefined;
  }

  private sound(found: Found | undefined, epoch: string): CacheEntry | undefined {
    const entry = found?.epoch === epoch ? found.entry : undefined;
    return entry !== undefined && !isAbandoned(entry, this.lineage.known) ? entry : undefined;
  }

  private answer(reply: FastifyReply, entry: CacheEntry, status: CacheStatus): FastifyReply {
    const { systemId, shows, member, address, body } = entry;
    const { consistency, claims } = this.context;
    const served = { member, address, role: 'replica', cached: true } as const;
    this.context.read(claimsAfterReading(consistency, claims, systemId, shows, 'replica'), served);
    if (status.hit) this.metrics.cacheRequests.inc({ result: 'hit' });
    void reply.header('Cache-Status', cacheStatusHeader(status));
    if (entry.status === 404) throw storedProblem(body);
    return reply.header('Content-Type', 'application/json; charset=utf-8').send(body);
  }

  private bypass(reply: FastifyReply, result: 'bypass' | 'unavailable', detail: string | undefined): undefined {
    this.metrics.cacheRequests.inc({ result });
    void reply.header('Cache-Status', cacheStatusHeader({ hit: false, forwarded: 'bypass', detail }));
  }

  /** A failed fill harms nobody: the answer is sent all the same. */
  private readonly report = (error: unknown): void => {
    this.logger.error({ event: 'cache_fill_failed', err: error });
  };

  /** Keeps what the handler answered. The answer waits for that, for its header says whether it was stored. */
  private async keep(miss: Miss, reply: FastifyReply, payload: unknown): Promise<void> {
    try {
      const outcome = await this.put(miss, reply.statusCode, payload);
      const isStored = outcome === 'stored';
      const status = { hit: false, forwarded: miss.forwarded, stored: isStored } as const;
      void reply.header('Cache-Status', cacheStatusHeader(isStored ? status : { ...status, detail: outcome }));
    } finally {
      miss.read?.end();
    }
  }

  /** @returns undefined for an error, which is never kept; 404 is not one */
  private async put(miss: Miss, status: number, payload: unknown): Promise<string | undefined> {
    const body = keepableBody(status, payload);
    if (body === undefined) return undefined;
    const entry = this.entryOf(miss, status as 200 | 404, body);
    const outcome =
      entry === undefined
        ? 'unproven'
        : ((await this.store.fill(miss.key, miss.epoch, entry, miss.route.ttlSeconds * 1_000)) ?? 'unavailable');
    this.metrics.cacheFills.inc({ outcome });
    return outcome;
  }

  private entryOf(miss: Miss, status: 200 | 404, body: string): CacheEntry | undefined {
    const [proof, ...more] = this.context.proofs;
    if (proof?.seen === undefined || proof.replayed === undefined || more.length > 0) return undefined;
    const { systemId, served, replayed } = proof;
    // Later lookups judge by the known history whether a failover has lost what an entry shows, and never wait for it.
    this.lineage.upTo(replayed.timeline).catch(() => undefined);
    const fresh: CacheEntry = {
      systemId,
      asOf: { timeline: replayed.timeline, lsn: replayed.lsn },
      shows: proof.seen,
      expiresAtMs: Date.now() + miss.route.ttlSeconds * 1_000,
      status,
      member: served.member,
      address: served.address,
      body,
    };
    const entry = renewed(fresh, miss.kept);
    if (entry.shows !== fresh.shows) this.showLess(miss, proof, entry);
    return entry;
  }

  /** The answer shows no more than the entry that it renews, so its token is not raised above that entry. */
  private showLess({ claims }: Miss, { systemId, served }: Proof, { shows }: CacheEntry): void {
    this.context.read(claimsAfterReading(this.context.consistency, claims, systemId, shows, served.role), served);
  }
}

function secondsLeft({ expiresAtMs }: CacheEntry): number {
  return Math.max(0, Math.round((expiresAtMs - Date.now()) / 1_000));
}

/** A 200 is kept as it was sent. Of a 404 only code and detail are kept: the other members describe the request. */
function keepableBody(status: number, payload: unknown): string | undefined {
  if (typeof payload !== 'string') return undefined;
  if (status === 200) return payload;
  if (status !== 404) return undefined;
  const { code, detail } = JSON.parse(payload) as { code: string; detail?: string };
  return JSON.stringify({ code, detail });
}

function storedProblem(body: string): ProblemError {
  const { code, detail } = JSON.parse(body) as { code: string; detail?: string };
  if (!isProblemCode(code)) return new ProblemError('internal_error');
  return new ProblemError(code, detail === undefined ? {} : { detail });
}
