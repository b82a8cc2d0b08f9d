import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  acted,
  advanced,
  begun,
  isOnlyRead,
  isOver,
  observed,
  type Progress,
} from '../../../libs/live/src/lessons/lesson.progress.js';
import { readRuns } from '../../../libs/chaos/src/results/results.directory.js';
import { isSkipped, type RunResult } from '../../../libs/chaos/src/results/run.result.js';
import {
  factsOf,
  nothingDemonstrated,
  type Action,
  type Demonstrated,
  type Lesson,
} from '../../../libs/live/src/lessons/lesson.js';
import { lessons } from '../../../libs/live/src/lessons/lessons.js';
import { noPeaks, withSnapshot } from '../../../libs/live/src/lessons/peaks.js';
import type { ClientView, Demonstration, MemberView, Snapshot } from '../../../libs/live/src/protocol.js';
import { runView } from '../src/console/run.views.js';

/** The console looks at members every half second. */
const lookEveryMs = 500;
const published = 'docs/results/chaos/all';

const gap = { write: { ms: null, running: false }, read: { ms: null, running: false } };
const lane = { perSecond: 5, failedPerSecond: 0, p50Ms: 10, p99Ms: 20 };
const client: ClientView = {
  ratePerSecond: 60,
  lanes: { httpWrites: lane, sessionReads: lane, eventualReads: lane, sql: lane },
  errorsByClass: {},
  acked: 0,
  failed: 0,
  unknown: 0,
  waiting: 0,
  replayed: 0,
  replicaReadShare: null,
  servedPerSecond: {},
  gaps: { sql: gap, http: gap },
};
const service = { writesInFlight: 0, writesHeld: 0, replays: 7, cacheHits: 0, cacheMisses: 0, refusedFills: 3 };
const etcds = [1, 2, 3].map((number) => ({ name: `etcd${number}`, healthy: true, leads: number === 1 }));
/** Made up: counts of demonstrations are not published. */
const demonstrations = {
  'own-write': { ownWrite: { tries: 100, missed: { eventual: 3, session: 0, strong: 0 } } },
  'same-key': { sameKey: { sent: 20, rows: 1, replayed: 19 } },
  'album-race': {
    albumRace: { writes: 100, reads: 4_000, hits: 3_000, refused: 90, oldHits: 0, oldReads: 12, ownMissed: 0 },
  },
} satisfies Record<Demonstration, Partial<Demonstrated>>;

let runs: ReadonlyMap<string, RunResult>;

beforeAll(async () => {
  const results = (await readRuns(published)).filter((run): run is RunResult => !isSkipped(run));
  runs = new Map(results.map((run) => [run.scenario, run]));
});

/** A lab at work, as a page sees it. */
class ShownLab {
  private atMs = Date.parse('2026-01-01T00:00:00Z');
  private now: Snapshot = {
    atMs: this.atMs,
    scope: 'pg-ha',
    members: [],
    etcds,
    instances: [{ name: 'api1', status: 'ready' }],
    lease: { holder: 'patroni1', ttlMs: 20_000, remainingMs: 19_000 },
    service,
    client: null,
    activity: { kind: 'idle' },
    lastRun: null,
    paused: false,
  };

  constructor(private readonly show: (snapshot: Snapshot) => void) {}

  look(change: Partial<Snapshot> = {}): void {
    this.atMs += lookEveryMs;
    this.now = { ...this.now, ...change, atMs: this.atMs };
    this.show(this.now);
  }

  /**
   * Shows a run again, from the members and the lock as it saw them. Of what its result does not hold, it is shown that etcd members are
   * away as long as the fault lasts, and replicas as old as the oldest read.
   */
  replay(run: RunResult, etcdsAway: number): void {
    const startedMs = this.atMs;
    const msOf = (kind: string) => run.events.find((event) => event.kind === kind)?.atMs ?? Number.POSITIVE_INFINITY;
    const firstLeader = run.members.find(({ role }) => role === 'primary')?.member ?? '';
    const names = [...new Set(run.members.map(({ member }) => member))].toSorted();
    for (let ms = 0; ms <= run.durationMs; ms += lookEveryMs) {
      const isBroken = ms >= msOf('fault') && ms < msOf('healed');
      const isLockFree = ms >= msOf('lockReleased') && ms < msOf('newLock');
      const isHeld = isBroken && (run.gaps.http.writeMs ?? 0) > lookEveryMs;
      const takes = run.events.filter(({ kind, atMs }) => kind === 'newLock' && atMs <= ms);
      const lease = { holder: takes.at(-1)?.member ?? firstLeader, ttlMs: 20_000, remainingMs: 19_000 };
      const staleMs = isBroken ? (run.staleness.eventual?.ageMs.max ?? 0) : 0;
      this.look({
        members: names.map((name) => memberOf(run, name, ms, staleMs)),
        etcds: etcds.map((etcd, index) => ({ ...etcd, healthy: !isBroken || index >= etcdsAway })),
        lease: isLockFree ? null : lease,
        service: { ...service, ...this.now.service, writesHeld: isHeld ? 2 : 0 },
      });
    }
    this.look({ lastRun: { ...runView('run', run, null), startedAt: new Date(startedMs).toISOString() } });
  }

  /** The service counts what a demonstration has made it do. */
  counted(replays: number, refusedFills: number): void {
    this.look({
      service: { ...service, replays: service.replays + replays, refusedFills: service.refusedFills + refusedFills },
    });
  }
}

function memberOf({ members }: RunResult, name: string, atMs: number, staleMs: number): MemberView {
  const last = members.findLast((sample) => sample.member === name && sample.atMs <= atMs);
  const isReachable = last !== undefined && last.role !== 'unreachable';
  const role = !isReachable ? 'unknown' : last.role === 'primary' ? 'leader' : 'replica';
  return {
    name,
    reachable: isReachable,
    role,
    state: 'running',
    timeline: null,
    lsn: null,
    lagBytes: null,
    staleMs: role === 'replica' ? staleMs : null,
    haproxy: { leader: 'unknown', replicas: 'unknown' },
  };
}

/** Whether a reader goes on as soon as a step is done, or once nothing moves any more. */
type Pace = 'at once' | 'late';

/** Reads a lesson: takes each action, and goes on when the page lets him. @throws Error where it never does */
function read(lesson: Lesson, pace: Pace, runOf: (fault: string) => RunResult | undefined): Progress {
  let progress = begun(lesson);
  let peaks = noPeaks;
  let demonstrated = nothingDemonstrated;
  const goOn = () => {
    for (;;) {
      const step = lesson.steps[progress.at];
      if (step === undefined || !(isOnlyRead(step) || progress.steps[progress.at]?.done === true)) return;
      progress = advanced(progress);
    }
  };
  const lab = new ShownLab((snapshot) => {
    peaks = withSnapshot(peaks, snapshot);
    progress = observed(progress, factsOf(snapshot, peaks, demonstrated));
    if (pace === 'at once') goOn();
  });
  const take = (action: Action) => {
    switch (action.kind) {
      case 'load':
        return lab.look({ client, activity: { kind: 'load', ratePerSecond: action.ratePerSecond } });
      case 'break': {
        const run = runOf(action.fault);
        if (run !== undefined) lab.replay(run, { 'etcd-leader-kill': 1, 'etcd-quorum-loss': 2 }[action.fault] ?? 0);
        return;
      }
      case 'heal':
        return lab.look();
      case 'demonstrate':
        demonstrated = { ...demonstrated, ...demonstrations[action.what] };
        return lab.counted(19, 90);
    }
  };
  lab.look();
  while (!isOver(progress)) {
    const { at } = progress;
    const does = lesson.steps[at]?.does;
    if (does !== undefined) {
      progress = acted(progress, at);
      take(does);
    }
    // A page sees the lab again and again.
    lab.look();
    goOn();
    if (progress.at === at) throw new Error(`step ${at + 1} of ${lesson.id} is never done`);
  }
  return progress;
}

describe.each<Pace>(['at once', 'late'])('A lesson whose reader goes on %s', (pace) => {
  it.each(lessons)('$id can be read to its end, and every check holds by a published run', (lesson) => {
    const { steps } = read(lesson, pace, (fault) => runs.get(fault));
    expect(steps.map(({ done }) => done)).toEqual(lesson.steps.map(() => true));
  });

  it.each(lessons.filter(({ steps }) => steps.some(({ does }) => does?.kind === 'break')))(
    '$id stops where nothing is measured, and by no run of another fault',
    (lesson) => {
      expect(() => read(lesson, pace, () => undefined)).toThrow('is never done');
      expect(() => read(lesson, pace, () => runs.get('standby-kill'))).toThrow('is never done');
    },
  );
});
