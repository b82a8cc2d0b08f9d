import { describe, expect, it } from '@jest/globals';
import type { ClientView, MemberView, RunView, Snapshot } from '../protocol.js';
import { factsOf, nothingDemonstrated, type AlbumRaceCounts, type Demonstrated, type Facts } from './lesson.js';
import { lessons } from './lessons.js';
import { noPeaks, type Peaks } from './peaks.js';

type Figures = NonNullable<RunView['figures']>;

const lane = { perSecond: 0, failedPerSecond: 0, p50Ms: null, p99Ms: null };
const client = (httpWritesPerSecond: number): ClientView => ({
  ratePerSecond: 60,
  lanes: {
    httpWrites: { ...lane, perSecond: httpWritesPerSecond },
    sessionReads: lane,
    eventualReads: lane,
    sql: lane,
  },
  errorsByClass: {},
  acked: 0,
  failed: 0,
  unknown: 0,
  waiting: 0,
  replayed: 0,
  replicaReadShare: null,
  servedPerSecond: {},
  gaps: {
    sql: { write: { ms: null, running: false }, read: { ms: null, running: false } },
    http: { write: { ms: null, running: false }, read: { ms: null, running: false } },
  },
});
const member = (name: string, role: MemberView['role'], reachable = true): MemberView => ({
  name,
  reachable,
  role,
  state: 'running',
  timeline: 5,
  lsn: '0/10',
  lagBytes: 0,
  staleMs: 0,
  haproxy: { leader: 'up', replicas: 'up' },
});
const snapshot: Snapshot = {
  atMs: 100_000,
  scope: 'pg-ha',
  members: [member('patroni1', 'replica'), member('patroni2', 'leader')],
  etcds: [],
  instances: [],
  lease: null,
  service: null,
  client: null,
  activity: { kind: 'idle' },
  lastRun: null,
  paused: false,
};
const peaks: Peaks = { ...noPeaks, fromMs: 10_000 };
const nothing: Facts = { snapshot, lastRun: null, peaks, demonstrated: nothingDemonstrated };

/** Of a run in which the second member took over from the first, and nothing went wrong. */
const failedOver: Figures = {
  pass: true,
  reasons: [],
  leader: 'patroni2',
  leaderBefore: 'patroni1',
  timelineBefore: 4,
  timelineAfter: 5,
  gaps: { sql: { writeMs: 3_000, readMs: 200 }, http: { writeMs: 3_000, readMs: 200 } },
  writeGapMs: 3_000,
  readGapMs: 200,
  longestRequestMs: 3_000,
  acked: 900,
  lost: 0,
  ghosts: 0,
  duplicates: 0,
  staleReads: 0,
  readYourWritesViolations: 0,
  monotonicViolations: 0,
  httpRequests: 2_000,
  httpFailed: 0,
  rejoinMs: 9_000,
  marks: [],
};
const stayed: Figures = { ...failedOver, leader: 'patroni1', timelineAfter: 4 };

const runView = (scenario: string): RunView => ({
  id: 'run',
  scenario,
  startedAt: new Date(20_000).toISOString(),
  prediction: null,
});
const ran = (scenario: string, base: Figures, more: Partial<Facts> = {}) => {
  const run = (figures: Partial<Figures>): Facts => ({
    ...nothing,
    ...more,
    lastRun: { ...runView(scenario), figures: { ...base, ...figures } },
  });
  return run;
};
const seen = (more: Partial<Peaks>): Facts => ({ ...nothing, peaks: { ...peaks, ...more } });
const shown = (demonstrated: Partial<Demonstrated>, more: Partial<Peaks> = {}): Facts => ({
  ...seen(more),
  demonstrated: { ...nothingDemonstrated, ...demonstrated },
});
const loaded = (perSecond: number): Facts => ({ ...nothing, snapshot: { ...snapshot, client: client(perSecond) } });

const killed = ran(
  'leader-kill',
  { ...failedOver, writeGapMs: 21_000 },
  { peaks: { ...peaks, unreachable: ['patroni1'] } },
);
const cut = ran('partition-replicas', { ...stayed, staleReads: 400 });
const crashed = ran('postmaster-kill', failedOver);
const oneEtcd = ran('etcd-leader-kill', stayed);
const twoEtcds = ran('etcd-quorum-loss', stayed);
const frozen = ran('zombie', failedOver);
const frozenThen = (...members: MemberView[]) => ran('zombie', failedOver, { snapshot: { ...snapshot, members } })({});
const handedOver = ran('switchover', failedOver);
const twoKilled = ran('majority-kill', { ...failedOver, writeGapMs: 39_000, httpFailed: 20 });
const ownWrite = (eventual: number, session: number, strong: number, tries = 100) =>
  shown({ ownWrite: { tries, missed: { eventual, session, strong } } });
const sameKey = (sent: number, rows: number, replayed: number, counted: number) =>
  shown({ sameKey: { sent, rows, replayed } }, { replays: counted });
const race = (counts: Partial<AlbumRaceCounts>, refusedFills = 90) =>
  shown(
    {
      albumRace: {
        writes: 100,
        reads: 4_000,
        hits: 3_000,
        refused: 90,
        oldHits: 0,
        oldReads: 12,
        ownMissed: 0,
        ...counts,
      },
    },
    { refusedFills },
  );
const twoAway: Partial<Peaks> = { unreachableAtOnce: 2, lockAwayMs: 16_000, heldWrites: true };

interface Case {
  readonly good: Facts;
  /** Each breaks one thing. */
  readonly bad: readonly Facts[];
  /** Besides facts in which nothing has happened, of which no check knows anything. */
  readonly open?: readonly Facts[];
}

/** By lesson and number of the step, counted from 1. */
const cases: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(lessons.map(({ id }) => [`${id} 1`, { good: loaded(5), bad: [], open: [loaded(0)] }])),
  'first-failover 4': {
    good: killed({}),
    bad: [
      killed({ leader: 'patroni1' }),
      killed({ leader: null }),
      killed({ timelineAfter: 4 }),
      killed({ timelineAfter: 6 }),
      killed({ timelineBefore: null }),
      killed({ leaderBefore: null }),
      { ...killed({}), peaks },
    ],
  },
  'first-failover 5': {
    good: killed({}),
    bad: [
      killed({ writeGapMs: 9_000 }),
      killed({ writeGapMs: null }),
      killed({ readGapMs: 3_500 }),
      killed({ readGapMs: null }),
    ],
  },
  'first-failover 6': {
    good: killed({}),
    bad: [killed({ lost: 1 }), killed({ acked: 0 }), killed({ httpFailed: 1 }), killed({ httpRequests: 0 })],
  },
  'stale-replica 2': {
    good: ownWrite(3, 0, 0),
    bad: [ownWrite(3, 1, 0), ownWrite(3, 0, 1), ownWrite(0, 0, 0, 0)],
  },
  'stale-replica 4': { good: seen({ staleMs: 1_200 }), bad: [], open: [seen({ staleMs: 900 })] },
  'stale-replica 5': {
    good: cut({}),
    bad: [cut({ staleReads: 0 }), cut({ readYourWritesViolations: 1 }), cut({ monotonicViolations: 1 })],
  },
  'stale-replica 6': {
    good: cut({}),
    bad: [
      cut({ leader: 'patroni2' }),
      cut({ leader: null, leaderBefore: null }),
      cut({ timelineAfter: 5 }),
      cut({ timelineBefore: null, timelineAfter: null }),
      cut({ lost: 1 }),
    ],
  },
  'exactly-once 2': {
    good: sameKey(10, 1, 9, 12),
    bad: [sameKey(10, 2, 8, 8), sameKey(10, 1, 8, 12), sameKey(1, 1, 0, 0)],
    open: [sameKey(10, 1, 9, 4)],
  },
  'exactly-once 4': { good: crashed({}), bad: [crashed({ leader: 'patroni1' }), crashed({ timelineAfter: 4 })] },
  'exactly-once 5': {
    good: crashed({}),
    bad: [crashed({ lost: 1 }), crashed({ duplicates: 1 }), crashed({ ghosts: 1 }), crashed({ acked: 0 })],
  },
  'exactly-once 6': { good: crashed({}), bad: [crashed({ httpFailed: 1 }), crashed({ httpRequests: 0 })] },
  'quorum 3': {
    good: oneEtcd({}),
    bad: [oneEtcd({ leader: 'patroni2' }), oneEtcd({ timelineAfter: 5 }), oneEtcd({ httpFailed: 1 })],
    open: [twoEtcds({})],
  },
  'quorum 5': { good: seen({ etcdsAway: 2 }), bad: [], open: [seen({ etcdsAway: 1 })] },
  'quorum 6': {
    good: twoEtcds({}),
    bad: [
      twoEtcds({ leader: 'patroni2' }),
      twoEtcds({ timelineAfter: 5 }),
      twoEtcds({ writeGapMs: 5_000 }),
      twoEtcds({ httpFailed: 1 }),
      twoEtcds({ lost: 1 }),
    ],
    open: [oneEtcd({})],
  },
  'zombie-leader 4': {
    good: seen({ unreachable: ['patroni1'], holders: ['patroni1', 'patroni2'] }),
    bad: [],
    open: [seen({ unreachable: ['patroni1'], holders: ['patroni1'] }), seen({ holders: ['patroni1', 'patroni2'] })],
  },
  'zombie-leader 5': {
    good: frozen({}),
    bad: [
      frozen({ leader: 'patroni1' }),
      frozen({ timelineAfter: 4 }),
      frozenThen(member('patroni1', 'leader'), member('patroni2', 'leader')),
    ],
    open: [frozenThen(), frozenThen(member('patroni1', 'replica', false)), frozenThen(member('patroni1', 'unknown'))],
  },
  'zombie-leader 6': {
    good: frozen({}),
    bad: [frozen({ pass: false }), frozen({ lost: 1 }), frozen({ ghosts: 1 })],
  },
  'old-row-in-cache 3': { good: race({}), bad: [race({ writes: 0 }), race({ hits: 0 })] },
  'old-row-in-cache 4': { good: race({}), bad: [race({ refused: 0 })], open: [race({}, 0)] },
  'old-row-in-cache 5': { good: race({}), bad: [race({ oldHits: 1 }), race({ ownMissed: 1 }), race({ hits: 0 })] },
  'quiet-switchover 3': {
    good: handedOver({}),
    bad: [handedOver({ leader: 'patroni1' }), handedOver({ timelineAfter: 4 }), handedOver({ writeGapMs: 16_000 })],
  },
  'quiet-switchover 4': {
    good: handedOver({}),
    bad: [
      handedOver({ httpFailed: 1 }),
      handedOver({ httpRequests: 0 }),
      handedOver({ gaps: { ...failedOver.gaps, http: { writeMs: 3_000, readMs: 3_500 } } }),
    ],
  },
  'quiet-switchover 5': { good: handedOver({}), bad: [handedOver({ lost: 1 }), handedOver({ duplicates: 1 })] },
  'two-failures 3': {
    good: seen(twoAway),
    bad: [],
    open: [
      seen({ ...twoAway, unreachableAtOnce: 1 }),
      seen({ ...twoAway, lockAwayMs: 900 }),
      seen({ ...twoAway, heldWrites: false }),
    ],
  },
  'two-failures 4': {
    good: twoKilled({}),
    bad: [twoKilled({ writeGapMs: 4_000 }), twoKilled({ readGapMs: 9_000 }), twoKilled({ readGapMs: null })],
  },
  'two-failures 5': {
    good: twoKilled({}),
    bad: [twoKilled({ leader: null }), twoKilled({ lost: 1 }), twoKilled({ ghosts: 1 })],
  },
};

const checks = lessons.flatMap(({ id, steps }) =>
  steps.flatMap(({ check }, index) => (check === undefined ? [] : [{ name: `${id} ${index + 1}`, check }])),
);

describe('The check of a step', () => {
  it('has a case here, and each case is one of a check', () => {
    expect(Object.keys(cases).toSorted()).toEqual(checks.map(({ name }) => name).toSorted());
  });

  it.each(checks)('$name holds when the lab has shown it', ({ name, check }) => {
    expect(check.holds(cases[name]?.good ?? nothing)).toBe(true);
  });

  it.each(checks)('$name does not hold when one thing was otherwise', ({ name, check }) => {
    for (const facts of cases[name]?.bad ?? []) expect(check.holds(facts)).toBe(false);
  });

  it.each(checks)('$name is open while the lab has not shown it', ({ name, check }) => {
    for (const facts of [nothing, ...(cases[name]?.open ?? [])]) expect(check.holds(facts)).toBeUndefined();
  });

  it.each(checks)('$name is not held by a run that another fault made, or that was skipped', ({ name, check }) => {
    const good = cases[name]?.good ?? nothing;
    if (good.lastRun === null) return;
    expect(check.holds({ ...good, lastRun: { ...good.lastRun, scenario: 'packet-loss' } })).toBeUndefined();
    const { figures: _, ...withoutFigures } = good.lastRun;
    expect(check.holds({ ...good, lastRun: { ...withoutFigures, skipped: 'no nftables' } })).toBeUndefined();
  });
});

describe('The facts of a lesson', () => {
  const facts = (startedAtMs: number) =>
    factsOf(
      { ...snapshot, lastRun: { ...runView('zombie'), startedAt: new Date(startedAtMs).toISOString() } },
      peaks,
      nothingDemonstrated,
    );

  it('have the last run when it began after the lesson', () => {
    expect(facts(10_000).lastRun?.scenario).toBe('zombie');
  });

  it('have no run that began before the lesson', () => {
    expect(facts(9_999).lastRun).toBeNull();
  });

  it('have no run before the first snapshot', () => {
    expect(factsOf({ ...snapshot, lastRun: runView('zombie') }, noPeaks, nothingDemonstrated).lastRun).toBeNull();
  });
});

describe('Every lesson', () => {
  it.each(lessons)('$id begins with load, teaches something that is checked, and ends with a check', ({ steps }) => {
    expect(steps[0]?.does?.kind).toBe('load');
    expect(steps.filter(({ check }) => check !== undefined).length).toBeGreaterThan(2);
    expect(steps.at(-1)?.check).toBeDefined();
  });

  it.each(lessons)('$id asks for a prediction before it breaks anything, and only then', ({ steps }) => {
    for (const { does, prediction } of steps) expect(prediction === true).toBe(does?.kind === 'break');
  });

  it.each(lessons)('$id uses sentences that can be read at once', ({ about, steps }) => {
    const sentences = [about, ...steps.map(({ text }) => text)].flatMap((text) => text.split(/(?<=[.?!:]) /));
    for (const sentence of sentences) expect(sentence.split(' ').length).toBeLessThanOrEqual(36);
  });
});
