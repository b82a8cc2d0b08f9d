import type { FinalState } from '../history/final.state.js';
import type { Channel, History, Operation } from '../history/operation.js';
import type { Recovery } from '../history/recovery.js';
import type { RunEvent } from '../history/run.event.js';
import { checkDivergence } from './divergence.checker.js';
import { countErrors } from './error.counts.js';
import type { Finding } from './finding.js';
import { longestGap } from './gap.checker.js';
import { latencyByPeriod, samplesBySecond } from './latency.checker.js';
import { checkLeadership } from './leadership.checker.js';
import { checkLinearizability } from './linearizability.checker.js';
import { firstMs, onlyFaultMs, phasesOf } from './phases.js';
import { checkRecovery, type RecoveryOutcome } from './recovery.checker.js';
import { rowOrderOf } from './row.order.js';
import { checkSessions } from './session.checker.js';
import { checkStaleness } from './staleness.checker.js';
import { checkUniques } from './unique.checker.js';
import { checkUpdates } from './update.checker.js';
import type { Figures } from './verdict.js';

/** What a run leaves for the checkers. */
export interface RunRecord {
  readonly history: History;
  readonly final: FinalState;
  readonly events: readonly RunEvent[];
  /** Of a run in which a server was restored. */
  readonly recovery?: Recovery | undefined;
}

/** Everything the checkers find in one run, under the names the result has (`results/run.result.ts`). */
export type Findings = ReturnType<typeof checkRun>;

/** Runs every checker. Pure; near-linear in the number of operations. */
export function checkRun({ history, final, events, recovery }: RunRecord) {
  const faultMs = firstMs(events, 'fault');
  const healedMs = lastMs(events, 'healed');
  const window = { faultMs, healedMs };
  const onlyFault = onlyFaultMs(events);
  const rejoinedMs = lastMs(events, 'rejoined');

  const uniques = checkUniques(history, final.leader);
  const updates = checkUpdates(history, final.leader);
  const order = rowOrderOf(history);
  const sessions = checkSessions(history, order);
  const staleness = checkStaleness(history, order);
  const linearizability = checkLinearizability(history, final.leader);
  const leadership = checkLeadership(history);
  const divergence = checkDivergence(final);
  const errors = countErrors(history);
  const recovered = recovery && checkRecovery(history, recovery);
  const http = gapsOf(history, 'http', faultMs);
  const sql = gapsOf(history, 'sql', faultMs);
  const writeGap = sql.write ?? http.write;
  const isSameWrite = isWriteOn(sql.write === undefined ? 'http' : 'sql');
  const gapBefore = longestGap(history, (of) => isSameWrite(of) && of.endedMs <= (faultMs ?? 0));
  const gapMs = ({ write, read }: typeof http) => ({ writeMs: write?.gapMs ?? null, readMs: read?.gapMs ?? null });

  return {
    healedMs,
    writeGapMs: writeGap?.gapMs ?? null,
    readGapMs: (sql.read ?? http.read)?.gapMs ?? null,
    gaps: { http: gapMs(http), sql: gapMs(sql) },
    longestRequestMs: longestRequestMs(history, faultMs),
    operations: history.length,
    ...countWrites(history),
    lost: uniques.lost.count,
    rpoMs: uniques.lostSinceMs === undefined ? 0 : Math.max(0, (faultMs ?? 0) - uniques.lostSinceMs),
    ghosts: uniques.ghosts.count + updates.ghosts.count,
    unknownPresent: uniques.unknownPresent,
    duplicates: uniques.duplicates.count + updates.excess.count,
    staleReads: Object.values(staleness).reduce((sum, { stale }) => sum + stale, 0),
    staleness,
    readYourWritesViolations: sessions.readYourWrites.count,
    monotonicViolations: sessions.monotonicReads.count,
    lostUpdates: updates.lost.count,
    linearizabilityViolations: linearizability.count,
    dualLeaderCommits: leadership.dual.count,
    unjudgedCommits: leadership.unjudged,
    divergentRows: divergence.count,
    examples: examplesOf({
      lost: uniques.lost,
      ghosts: uniques.ghosts,
      'ghosts on shared rows': updates.ghosts,
      duplicates: uniques.duplicates,
      'updates applied twice': updates.excess,
      'read your writes': sessions.readYourWrites,
      'monotonic reads': sessions.monotonicReads,
      'lost updates': updates.lost,
      linearizability,
      'two leaders': leadership.dual,
      divergence,
      ...(recovered && { 'not restored': recovered.missing, 'restored too much': recovered.extra }),
    }),
    ...(recovery && recovered && { recovery: recoveryOf(recovery, recovered) }),
    http: errors.http,
    errorsByClass: errors.byClass,
    latencyMs: latencyByPeriod(history, window),
    latencyByChannelMs: {
      http: latencyByPeriod(history, window, 'http'),
      sql: latencyByPeriod(history, window, 'sql'),
    },
    phases: phasesOf(history, events, { before: gapBefore, after: writeGap }),
    rejoinMs: onlyFault !== undefined && rejoinedMs !== undefined ? Math.max(0, rejoinedMs - onlyFault) : null,
    samples: samplesBySecond(history),
  };
}

function recoveryOf(
  { disaster, restored, ...measured }: Recovery,
  { before, missing, extra, inFlight }: RecoveryOutcome,
) {
  const { findMs, filesMs, walMs } = measured;
  return {
    ...measured,
    timelines: [...measured.timelines],
    disasterMs: disaster.invokedMs,
    disasterEndedMs: disaster.endedMs,
    /** From the moment at which somebody begins to look until the past can be queried. */
    rtoMs: findMs + filesMs + walMs,
    acknowledgedBefore: before,
    missing: missing.count,
    extra: extra.count,
    inFlight,
    restoredRows: restored.unique.size,
  };
}

const isWriteOn = (channel: Channel) => (of: Operation) => of.channel === channel && of.action === 'write';
// A `leader` read waits for the leader as a write does: counted here, it would hide that the replicas answer nothing.
const isReadOn = (channel: Channel) => (of: Operation) =>
  of.channel === channel && of.action === 'read' && of.consistency !== 'leader';

/** The longest times without a successful write and without a successful read on one channel, from the fault on. */
export const gapsOf = (history: History, channel: Channel, faultMs?: number) => ({
  write: longestGap(history, isWriteOn(channel), faultMs),
  read: longestGap(history, isReadOn(channel), faultMs),
});

/** How long the longest HTTP request took of those that ended after the fault, also one that failed. Null where there was none. */
export function longestRequestMs(history: History, faultMs = 0): number | null {
  let longest: number | null = null;
  for (const { channel, invokedMs, endedMs } of history)
    if (channel === 'http' && endedMs >= faultMs) longest = Math.max(longest ?? 0, endedMs - invokedMs);
  return longest;
}

/** The figures that a verdict compares with bounds. */
export const figuresOf = (findings: Omit<Findings, 'healedMs'>): Figures => ({
  ...findings,
  staleLeaderReads: findings.staleness.leader?.stale ?? 0,
  httpFailed: findings.http.failed,
  httpWriteGapMs: findings.gaps.http.writeMs,
  httpReadGapMs: findings.gaps.http.readMs,
  recoveryMissing: findings.recovery?.missing ?? null,
  recoveryExtra: findings.recovery?.extra ?? null,
  recoveryRtoMs: findings.recovery?.rtoMs ?? null,
});

function countWrites(history: History) {
  const writes = { ok: 0, failed: 0, unknown: 0 };
  for (const { action, outcome } of history) if (action === 'write') writes[outcome] += 1;
  return { acked: writes.ok, failedWrites: writes.failed, unknownWrites: writes.unknown };
}

function examplesOf(findings: Readonly<Record<string, Finding>>): { check: string; detail: string }[] {
  return Object.entries(findings).flatMap(([check, { examples }]) => examples.map((detail) => ({ check, detail })));
}

/** The time of the last event of a kind; a soak has many. */
function lastMs(events: readonly RunEvent[], kind: RunEvent['kind']): number | undefined {
  let last: number | undefined;
  for (const event of events) if (event.kind === kind) last = Math.max(last ?? event.atMs, event.atMs);
  return last;
}
