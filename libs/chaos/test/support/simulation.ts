import type { RunRecord } from '../../src/checkers/check.js';
import type { MemberState } from '../../src/history/final.state.js';
import type { Operation } from '../../src/history/operation.js';
import { seeded } from '../../src/random/random.js';
import type { MemberSample, RunEvent } from '../../src/history/run.event.js';

/** What to simulate. */
export interface Simulation {
  readonly operations: number;
  readonly seed: number;
  readonly sessions?: number;
  readonly perSecond?: number;
  /** When the leader dies. Its successor takes over `outageMs` later. */
  readonly faultMs?: number;
  readonly outageMs?: number;
  /** The share of SQL writes during the outage whose outcome is unknown. Half of those take effect later. */
  readonly unknownShare?: number;
}

/** The record of a run on a correct cluster, and the samples of its members. */
export interface SimulatedRun extends RunRecord {
  readonly history: Operation[];
  readonly events: RunEvent[];
  readonly members: MemberSample[];
  readonly durationMs: number;
}

type Draft = { -readonly [Key in keyof Operation]: Operation[Key] } & { effectMs: number };

const sharedRows = 8;
const maxLagMs = 80;

/**
 * Simulates clients of a cluster that keeps every promise. Each operation takes effect at one moment between its start and its
 * end; an unknown write perhaps later, or never. Replicas lag, and session reads wait for what their session knows. While there
 * is no leader, SQL clients get errors and HTTP clients wait.
 */
export function simulate(simulation: Simulation): SimulatedRun {
  const { operations, seed, faultMs, outageMs = 2_000, perSecond = 500 } = simulation;
  const random = seeded(seed);
  const drafts = Array.from({ length: operations }, (_, index) => draft(index, random, simulation));
  const rows = apply(drafts);
  answerReads(drafts, rows, random);
  const durationMs = (operations / perSecond) * 1_000 + outageMs;
  return {
    history: drafts.map(recorded).toSorted((a, b) => a.endedMs - b.endedMs),
    final: finalOf(rows, drafts, faultMs !== undefined),
    events: faultMs === undefined ? [] : eventsOf(faultMs, outageMs),
    members: samplesOf(durationMs, faultMs, outageMs),
    durationMs,
  };
}

function recorded({ effectMs: _effectMs, ...operation }: Draft): Operation {
  return operation;
}

function draft(index: number, random: () => number, simulation: Simulation): Draft {
  const { sessions = 20, perSecond = 500, faultMs = Number.POSITIVE_INFINITY } = simulation;
  const { outageMs = 2_000, unknownShare = 0.3 } = simulation;
  const channel = random() < 0.5 ? 'http' : 'sql';
  const dueMs = (index / perSecond) * 1_000;
  const invokedMs = dueMs + random();
  const session = `${channel}-${Math.floor(random() * sessions)}`;
  const shared = Math.floor(random() * sharedRows);
  const kind = random();
  const row = kind < 0.5 ? 'unique' : kind < 0.75 || channel === 'http' ? 'register' : 'counter';
  const isRead = index > 20 && random() < 0.5;
  const operation: Draft = {
    id: index + 1,
    session,
    channel,
    action: isRead ? 'read' : 'write',
    row,
    key:
      row === 'unique' ? `${session}-${isRead ? Math.floor(random() * index) : index}` : `${channel}-${row}-${shared}`,
    outcome: 'ok',
    dueMs,
    invokedMs,
    endedMs: invokedMs + 0.5 + random() ** 4 * 60,
    effectMs: 0,
  };
  const recoveredMs = faultMs + outageMs;
  const down = invokedMs >= faultMs - 60 && invokedMs < recoveredMs && operation.endedMs > faultMs;
  if (isRead) operation.consistency = consistencyOf(channel, random());
  else if (row !== 'unique') operation.value = row === 'register' ? index + 1 : 1;
  const needsLeader = !isRead || operation.consistency === 'leader';
  if (down && needsLeader && channel === 'http') operation.endedMs = recoveredMs + random() * 100;
  operation.effectMs = invokedMs + (operation.endedMs - invokedMs) * (down && channel === 'http' ? 0.9999 : random());
  if (channel === 'http') operation.httpStatus = isRead || row !== 'unique' ? 200 : 201;
  if (down && needsLeader && channel === 'sql') {
    const unknown = !isRead && random() < unknownShare;
    operation.outcome = unknown ? 'unknown' : 'failed';
    operation.errorClass = unknown ? '08006' : 'ECONNREFUSED';
    operation.effectMs = unknown && random() < 0.5 ? recoveredMs + random() * 500 : Number.POSITIVE_INFINITY;
  }
  const after = operation.effectMs >= recoveredMs;
  operation.role = needsLeader ? 'leader' : 'replica';
  operation.member = needsLeader ? (after ? 'patroni2' : 'patroni1') : 'patroni3';
  operation.timeline = after ? 2 : 1;
  return operation;
}

function consistencyOf(channel: Operation['channel'], chance: number): NonNullable<Operation['consistency']> {
  if (channel === 'sql') return chance < 0.5 ? 'leader' : 'replica';
  return chance < 0.6 ? 'session' : chance < 0.8 ? 'eventual' : 'leader';
}

/** The values of a row, with the time from which the row had each. */
interface RowValues {
  readonly atMs: number[];
  readonly values: number[];
}

function apply(drafts: readonly Draft[]): Map<string, RowValues> {
  const rows = new Map<string, RowValues>();
  const writes = drafts.filter(({ action, effectMs }) => action === 'write' && Number.isFinite(effectMs));
  for (const operation of writes.toSorted((a, b) => a.effectMs - b.effectMs)) {
    const { key, row, value, effectMs, outcome } = operation;
    let rowValues = rows.get(key);
    if (rowValues === undefined) rows.set(key, (rowValues = { atMs: [], values: [] }));
    const now = row === 'register' ? value! : (rowValues.values.at(-1) ?? 0) + (row === 'unique' ? 1 : value!);
    rowValues.atMs.push(effectMs);
    rowValues.values.push(now);
    if (row === 'counter' && outcome === 'ok') operation.returned = now;
  }
  return rows;
}

function answerReads(drafts: readonly Draft[], rows: ReadonlyMap<string, RowValues>, random: () => number): void {
  const known = new Map<string, number>();
  const ends = drafts.filter(({ outcome }) => outcome === 'ok').toSorted((a, b) => a.endedMs - b.endedMs);
  let next = 0;
  for (const read of drafts.toSorted((a, b) => a.invokedMs - b.invokedMs)) {
    for (let end = ends[next]; end !== undefined && end.endedMs <= read.invokedMs; end = ends[++next]) {
      known.set(end.session, end.endedMs);
    }
    if (read.action !== 'read' || read.outcome !== 'ok') continue;
    const laggedMs = read.effectMs - random() * maxLagMs;
    const asOfMs =
      read.consistency === 'leader'
        ? read.effectMs
        : read.consistency === 'session'
          ? Math.max(laggedMs, known.get(read.session) ?? 0)
          : laggedMs;
    read.value = valueAt(rows.get(read.key), asOfMs) ?? (read.row === 'register' ? null : 0);
  }
}

function valueAt(rowValues: RowValues | undefined, atMs: number): number | undefined {
  if (rowValues === undefined) return undefined;
  let low = 0;
  let high = rowValues.atMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rowValues.atMs[middle]! > atMs) high = middle;
    else low = middle + 1;
  }
  return rowValues.values[low - 1];
}

function finalOf(rows: ReadonlyMap<string, RowValues>, drafts: readonly Draft[], failedOver: boolean) {
  const unique = new Map<string, number>();
  const shared = new Map<string, number>();
  for (const { row, key } of drafts) {
    const value = rows.get(key)?.values.at(-1);
    if (value !== undefined) (row === 'unique' ? unique : shared).set(key, value);
  }
  const leader = failedOver ? 'patroni2' : 'patroni1';
  const members = ['patroni1', 'patroni2', 'patroni3'].map((member): MemberState => ({
    member,
    role: member === leader ? 'leader' : 'replica',
    timeline: failedOver ? 2 : 1,
    unique: new Map(unique),
    shared: new Map(shared),
  }));
  return { leader: members.find(({ role }) => role === 'leader')!, members, unreadable: [] };
}

const eventsOf = (faultMs: number, outageMs: number): RunEvent[] => [
  { atMs: faultMs, kind: 'fault', source: 'chaos', detail: 'leader container killed', member: 'patroni1' },
  { atMs: faultMs + outageMs * 0.2, kind: 'haproxyDown', source: 'haproxy', member: 'patroni1' },
  { atMs: faultMs + outageMs * 0.6, kind: 'lockReleased', source: 'etcd' },
  { atMs: faultMs + outageMs * 0.65, kind: 'newLock', source: 'etcd', member: 'patroni2' },
  { atMs: faultMs + outageMs * 0.8, kind: 'promoted', source: 'patroni', member: 'patroni2' },
  { atMs: faultMs + outageMs * 0.95, kind: 'haproxyUp', source: 'haproxy', member: 'patroni2' },
  { atMs: faultMs + outageMs + 3_000, kind: 'healed', source: 'chaos' },
  { atMs: faultMs + outageMs + 6_000, kind: 'rejoined', source: 'patroni', member: 'patroni1' },
];

function samplesOf(durationMs: number, faultMs = Number.POSITIVE_INFINITY, outageMs: number): MemberSample[] {
  const samples: MemberSample[] = [];
  for (let atMs = 0; atMs < durationMs; atMs += 500) {
    const promoted = atMs >= faultMs + outageMs * 0.8;
    const timeline = promoted ? 2 : 1;
    const dead = atMs >= faultMs && atMs < faultMs + outageMs + 4_000;
    samples.push(
      dead
        ? { atMs, member: 'patroni1', role: 'unreachable' }
        : { atMs, member: 'patroni1', role: atMs < faultMs ? 'primary' : 'replica', state: 'running', timeline },
      { atMs, member: 'patroni2', role: promoted ? 'primary' : 'quorum_standby', state: 'running', timeline },
      { atMs, member: 'patroni3', role: 'quorum_standby', state: 'running', timeline },
    );
  }
  return samples;
}
