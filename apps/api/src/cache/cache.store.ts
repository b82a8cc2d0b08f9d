import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENVIRONMENT } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { LineageService, type Replayed } from '../../../../libs/postgres-ha/src/index.js';
import { Metrics } from '../observability/metrics.js';
import { decodeEntry, encodeEntry, sortable, type CacheEntry } from './cache.entry.js';
import { RedisConnection } from './redis.connection.js';

/** What Redis keeps for one resource. */
export interface Found {
  /** Undefined after a restart of Redis, until the next miss begins one. */
  readonly epoch: string | undefined;
  readonly entry: CacheEntry | undefined;
}

/** What became of an answer that was sent to be kept. All but `stored` are refusals. */
export type FillOutcome = 'stored' | 'floor' | 'pending' | 'older' | 'epoch';

/** Longer than a fill takes, and short enough that others need not wait long for a reader that has died. */
const leaseMs = 1_000;

/** A mark that nobody resolves expires after so many deadlines of a write: by then its write is long over. */
const deadlinesPerMark = 2;

/** When the layout of the values changes, the keys change too: instances of both versions may run side by side. */
const epochKey = 'cache:epoch';
const entryKey = (key: string) => `cache:entry:${key}`;
const floorKey = (key: string) => `cache:floor:${key}`;
const pendingKey = (key: string) => `cache:pending:${key}`;
const leaseKey = (key: string) => `cache:lease:${key}`;

/** What Redis keeps, and how it changes. A method returns undefined when Redis does not answer in time. */
@Injectable()
export class CacheStore {
  private readonly logger = new Logger(CacheStore.name);
  /** Lookups under way. Requests for the same resource share one; whether its entry suffices is decided for each request. */
  private readonly finding = new Map<string, Promise<Found | undefined>>();
  /** The latest timeline whose losses have already voided all entries. */
  private soundSince = 0;
  private readonly floorMs: number;
  private readonly markMs: number;

  constructor(
    private readonly redis: RedisConnection,
    private readonly metrics: Metrics,
    lineage: LineageService,
    @Inject(ENVIRONMENT) { CACHE_FLOOR_TTL_SECONDS, WRITE_DEADLINE_MS }: Environment,
  ) {
    this.floorMs = CACHE_FLOOR_TTL_SECONDS * 1_000;
    this.markMs = deadlinesPerMark * WRITE_DEADLINE_MS;
    lineage.losses.on('loss', (timeline) => void this.voidBefore(timeline));
  }

  find(key: string): Promise<Found | undefined> {
    let found = this.finding.get(key);
    if (found === undefined) {
      found = this.load(key).finally(() => this.finding.delete(key));
      this.finding.set(key, found);
    }
    return found;
  }

  /** Asks for the lease of a resource, with which this request reads it for all instances. Begins an epoch where there is none. */
  async acquire(key: string): Promise<{ readonly epoch: string; readonly isFree: boolean } | undefined> {
    const answer = await this.redis.use('acquire', (client) =>
      client.cacheAcquire(epochKey, leaseKey(key), newEpoch(), String(leaseMs)),
    );
    if (answer === undefined) return undefined;
    const [epoch, isFree] = answer as [string, number];
    return { epoch, isFree: isFree === 1 };
  }

  /** Keeps an answer, unless a mark, the floor, the epoch or a newer entry says that it may be too old. */
  async fill(key: string, epoch: string, entry: CacheEntry, ttlMs: number): Promise<FillOutcome | undefined> {
    const { timeline, lsn } = sortable(entry.asOf);
    const keys = [epochKey, entryKey(key), floorKey(key), pendingKey(key), leaseKey(key)];
    const outcome = await this.redis.use('fill', (client) =>
      client.cacheFill(...keys, epoch, timeline, lsn, String(ttlMs), encodeEntry(epoch, entry)),
    );
    return outcome as FillOutcome | undefined;
  }

  /**
   * A write of this resource is about to be committed: no answer is kept for it until the mark is resolved.
   *
   * @returns whether the mark was sent; also a frozen Redis obeys it, once it goes on
   */
  async mark(key: string, mark: string): Promise<boolean> {
    let isSent = false;
    const answer = await this.redis.use('mark', (client) => {
      isSent = true;
      return client.cacheMark(entryKey(key), pendingKey(key), mark, String(this.markMs));
    });
    if (answer === undefined) this.metrics.cacheUnfencedWrites.inc({ step: 'mark' });
    return isSent;
  }

  /**
   * The write was committed at this position: no older answer is kept.
   *
   * @param isMarked whether the mark was sent: then this is sent too, even while the circuit is open, for otherwise no answer
   * would be kept until the mark expires
   */
  async raise(key: string, mark: string, position: Replayed, isMarked: boolean): Promise<void> {
    const { timeline, lsn } = sortable(position);
    const answer = await this.redis.use(
      'raise',
      (client) =>
        client.cacheRaise(entryKey(key), pendingKey(key), floorKey(key), mark, timeline, lsn, String(this.floorMs)),
      isMarked,
    );
    if (answer === undefined) this.metrics.cacheUnfencedWrites.inc({ step: 'floor' });
  }

  /** The failover to this timeline has lost a write: all entries are void. Once for a timeline, however many clients find out. */
  private async voidBefore(timeline: number): Promise<void> {
    if (timeline <= this.soundSince) return;
    const answer = await this.redis.use('epoch', (client) => client.set(epochKey, newEpoch()));
    if (answer === undefined) return;
    this.soundSince = timeline;
    this.logger.warn({ event: 'cache_voided', reason: 'a failover has lost a write', timeline });
  }

  private async load(key: string): Promise<Found | undefined> {
    const values = await this.redis.use('find', (client) => client.mGet([epochKey, entryKey(key)]));
    if (values === undefined) return undefined;
    const [epoch, text] = values;
    if (typeof epoch !== 'string') return { epoch: undefined, entry: undefined };
    return { epoch, entry: typeof text === 'string' ? decodeEntry(epoch, text) : undefined };
  }
}

const newEpoch = () => randomBytes(8).toString('hex');
