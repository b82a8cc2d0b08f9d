import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENVIRONMENT } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { LineageService, type Replayed } from '../../../../libs/postgres-ha/src/index.js';
import { Metrics } from '../observability/metrics.js';
import { decodeEntry, encodeEntry, sortable, type CacheEntry } from './cache.entry.js';
import { RedisConnection } from './redis.connection.js';

/** What Redis has of one thing. */
export interface Found {
  /** Undefined until somebody begins one: after a restart. */
  readonly epoch: string | undefined;
  readonly entry: CacheEntry | undefined;
}

/** What became of an answer to be kept; all but `stored` are refusals. */
export type FillOutcome = 'stored' | 'floor' | 'pending' | 'older' | 'epoch';

/** Longer than a fill takes, short enough that a filler that died is not missed. */
const leaseMs = 1_000;

/** A mark that nobody resolves expires after so many deadlines of a write: by then its write is long over. */
const deadlinesPerMark = 2;

/** Another layout of what is kept needs other keys: instances of both versions may run side by side. */
const epochKey = 'cache:epoch';
const entryKey = (key: string) => `cache:entry:${key}`;
const floorKey = (key: string) => `cache:floor:${key}`;
const pendingKey = (key: string) => `cache:pending:${key}`;
const leaseKey = (key: string) => `cache:lease:${key}`;

/** What is kept in Redis and how it changes. Every answer may be undefined: Redis did not answer in time. */
@Injectable()
export class CacheStore {
  private readonly logger = new Logger(CacheStore.name);
  /** Lookups under way: requests for the same thing share one. What it may serve is decided for each by itself. */
  private readonly finding = new Map<string, Promise<Found | undefined>>();
  /** Timeline up to which losses have voided what was kept. */
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

  /** Asks to be the one who reads a thing for all instances; begins an epoch where there is none. */
  async acquire(key: string): Promise<{ readonly epoch: string; readonly isFree: boolean } | undefined> {
    const answer = await this.redis.use('acquire', (client) =>
      client.cacheAcquire(epochKey, leaseKey(key), newEpoch(), String(leaseMs)),
    );
    if (answer === undefined) return undefined;
    const [epoch, isFree] = answer as [string, number];
    return { epoch, isFree: isFree === 1 };
  }

  /** Keeps an answer, unless something known says that it is too old. */
  async fill(key: string, epoch: string, entry: CacheEntry, ttlMs: number): Promise<FillOutcome | undefined> {
    const { timeline, lsn } = sortable(entry.asOf);
    const keys = [epochKey, entryKey(key), floorKey(key), pendingKey(key), leaseKey(key)];
    const outcome = await this.redis.use('fill', (client) =>
      client.cacheFill(...keys, epoch, timeline, lsn, String(ttlMs), encodeEntry(epoch, entry)),
    );
    return outcome as FillOutcome | undefined;
  }

  /**
   * A write is about to be committed: until it is known what became of it, nothing of this thing is kept.
   *
   * @returns whether the mark was sent; a Redis that is frozen has it, too, once it goes on
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
   * The write was committed: nothing older than that is kept.
   *
   * @param isMarked its mark was sent, so this is too: the mark would keep the thing from being kept for as long as it lives
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

  /** A failover to this timeline has lost a write: all that is kept is in doubt, once, however many clients find out. */
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
