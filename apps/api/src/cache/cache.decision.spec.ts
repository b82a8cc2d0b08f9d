import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Claims,
  claimsAfterReading,
  type Lineage,
  type Position,
} from '../../../../libs/postgres-ha/src/index.js';
import { demandOf, isAbandoned, renewed, suffices } from './cache.decision.js';
import type { CacheEntry } from './cache.entry.js';

const systemId = 7n;
const session = { mode: 'session' } as const;

const at = (timeline: number, lsn: number, over: Partial<Position> = {}): Position => ({
  timeline,
  floor: BigInt(lsn),
  ceiling: BigInt(lsn),
  asynchronous: false,
  leaderOnly: false,
  ...over,
});

const claimed = (...positions: Position[]): Claims => ({ systemId, positions });

/** Read at `lsn` of timeline 2, showing nothing above `ceiling`. */
const entry = (lsn: number, ceiling = lsn, over: Partial<CacheEntry> = {}): CacheEntry => ({
  systemId,
  asOf: { timeline: 2, lsn: BigInt(lsn) },
  shows: { ...at(2, lsn), ceiling: BigInt(ceiling) },
  expiresAtMs: 0,
  status: 200,
  member: 'patroni2',
  address: '10.0.0.2',
  body: '{"id":1}',
  ...over,
});

describe('demandOf', () => {
  const leader = { timeline: 2, lsn: 50n };

  it.each([
    ['eventual', { mode: 'eventual' }, claimed(at(2, 9)), []],
    ['session without token', session, undefined, []],
    ['session', session, claimed(at(2, 9)), [at(2, 9)]],
    ['session that only the leader serves', session, claimed(at(2, 9, { leaderOnly: true })), undefined],
    ['strong', { mode: 'strong' }, undefined, undefined],
    ['bounded', { mode: 'bounded', maxStalenessMs: 100 }, undefined, [{ ...at(2, 50), floor: 0n }]],
    ['bounded, leader not heard of', { mode: 'bounded', maxStalenessMs: 99 }, undefined, undefined],
  ] as const)('%s', (_, consistency, claims, demand) => {
    expect(demandOf(consistency, claims, (ms) => (ms >= 100 ? leader : undefined))).toEqual(demand);
  });
});

describe('suffices', () => {
  const switched: Lineage = new Map([[1, 20n]]);
  const ended: Lineage = new Map([...switched, [2, 30n]]);

  it.each([
    // entry, the client's position, lineage, verdict
    ['read at the position', entry(25), at(2, 25), switched, true],
    ['read after it', entry(25), at(2, 24), switched, true],
    ['read before it', entry(25), at(2, 26), switched, false],
    ['shows it, but was not proven to be as new', entry(25, 26), at(2, 26), switched, false],
    ['behind the switch of an older position that survived', entry(25), at(1, 20), switched, true],
    ['behind the switch of an older position that was lost', entry(25), at(1, 21), switched, false],
    ['of a timeline whose past is not known', entry(25), at(1, 20), new Map(), false],
    ['of an older timeline than the position', entry(25), at(3, 1), switched, false],
    ['of an ended timeline, from before its end', entry(30), at(2, 25), ended, true],
    ['of an ended timeline, from behind its end', entry(31), at(2, 25), ended, false],
    ['of an ended timeline, showing what lies behind its end', entry(30, 31), at(2, 25), ended, false],
  ])('%s', (_, each, position, lineage, verdict) => {
    expect(suffices(each, [position], claimed(position), lineage)).toBe(verdict);
  });

  it('serves no client of another cluster, whatever it asks for', () => {
    expect(suffices(entry(25), [], { ...claimed(at(2, 1)), systemId: 8n }, switched)).toBe(false);
  });
});

describe('isAbandoned', () => {
  it('is not reported for a timeline that goes on', () => {
    expect(isAbandoned(entry(1_000), new Map([[1, 20n]]))).toBe(false);
  });
});

describe('renewed', () => {
  const body = (member: string) => JSON.stringify({ id: 1, servedByNode: member, servedBy: { member } });

  it.each([
    ['nothing kept', entry(20, 25), undefined, 25n],
    ['the same, read earlier', entry(20, 25, { body: body('a') }), entry(10, 15, { body: body('b') }), 15n],
    ['the same, kept by a later read', entry(20, 25), entry(30, 35), 25n],
    ['another content', entry(20, 25, { body: '{"id":1,"title":"x"}' }), entry(10, 15), 25n],
    ['a 404', entry(20, 25), entry(10, 15, { status: 404 }), 25n],
    ['of another timeline', entry(20, 25), entry(10, 15, { asOf: { timeline: 1, lsn: 10n } }), 25n],
  ])('%s', (_, fresh, kept, ceiling) => {
    expect(renewed(fresh, kept)).toEqual({
      ...fresh,
      shows: { ...(ceiling === 15n ? entry(10, 15) : fresh).shows, ceiling },
    });
  });
});

/**
 * The whole of it against a model: a log in which each number is a commit to one of two things, replicas anywhere behind
 * it, and a Redis that knows nothing of some writes and loses everything at times.
 */
describe('A session', () => {
  const resource = fc.nat(1);
  const who = fc.nat(2);
  const few = fc.nat(4);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('write' as const), resource, session: who, isFenced: fc.boolean() }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('read' as const),
        resource,
        session: who,
        lag: few,
        received: few,
        visible: few,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('redis-restart' as const) }) },
  );
  const noLineage: Lineage = new Map();

  it('never shows a session less than it has written or seen, whatever the cache keeps', () => {
    let hits = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const log = [0, 1];
        const kept = new Map<number, CacheEntry>();
        const claims = new Map<number, Claims | undefined>();
        const seen = new Map<string, number>();
        const versionAt = (of: number, lsn: number) => log.lastIndexOf(of, lsn);
        const show = (reader: number, of: number, each: CacheEntry, version: number) => {
          expect(version).toBeGreaterThanOrEqual(seen.get(`${reader}/${of}`) ?? -1);
          seen.set(`${reader}/${of}`, version);
          claims.set(reader, claimsAfterReading(session, claims.get(reader), systemId, each.shows, 'replica'));
        };
        for (const each of steps) {
          if (each.kind === 'redis-restart') kept.clear();
          if (each.kind === 'write') {
            const lsn = log.push(each.resource) - 1;
            if (each.isFenced) kept.delete(each.resource);
            const written = [...(claims.get(each.session)?.positions ?? []), at(2, lsn)];
            claims.set(each.session, claimed(written.reduce((a, b) => (a.ceiling > b.ceiling ? a : b))));
            seen.set(`${each.session}/${each.resource}`, lsn);
          }
          if (each.kind === 'read') {
            const own = claims.get(each.session);
            const demand = demandOf(session, own, () => undefined) ?? [];
            const found = kept.get(each.resource);
            if (found !== undefined && suffices(found, demand, own, noLineage)) {
              hits += 1;
              show(each.session, each.resource, found, (JSON.parse(found.body) as { version: number }).version);
              continue;
            }
            const head = log.length - 1;
            const needed = Number(own?.positions[0]?.ceiling ?? 0n);
            const replayed = Math.max(needed, head - each.lag);
            const received = Math.min(head, replayed + each.received);
            // A standby shows a commit a moment before it counts as replayed.
            const version = versionAt(each.resource, Math.min(received, replayed + each.visible));
            const fresh = renewed(entry(replayed, received, { body: JSON.stringify({ version }) }), found);
            kept.set(each.resource, fresh);
            show(each.session, each.resource, fresh, version);
          }
        }
      }),
      { numRuns: 3_000 },
    );
    expect(hits).toBeGreaterThan(0);
  });
});
