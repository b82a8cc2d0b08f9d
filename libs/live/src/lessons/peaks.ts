import type { MemberView, ServiceView, Snapshot } from '../protocol.js';

/** What has been seen since a lesson began: the most, the longest, and what came up at all. */
export interface Peaks {
  /** Time of the first snapshot, by the server's clock; null before it. */
  readonly fromMs: number | null;
  /** The members that have held the leader lock, in the order in which they were first seen. */
  readonly holders: readonly string[];
  /** The longest time without a lock: between the first and the last of the snapshots in a row that showed none. */
  readonly lockAwayMs: number;
  /** The members that could not be reached at some time, in that order, too. */
  readonly unreachable: readonly string[];
  /** Most members that could not be reached in one snapshot. */
  readonly unreachableAtOnce: number;
  /** Most etcd members that were not healthy in one snapshot. */
  readonly etcdsAway: number;
  /** The longest staleness of any replica. */
  readonly staleMs: number;
  /** Whether the service has held writes. */
  readonly heldWrites: boolean;
  /** By how much the service's counters have grown. What it counted while an instance went or came is left out. */
  readonly replays: number;
  readonly refusedFills: number;
  /** What the next snapshot is compared with; null before the first. */
  readonly last: {
    readonly service: ServiceView | null;
    /** Which instances its counters are of. */
    readonly instances: string;
    readonly lockAwaySinceMs: number | null;
  } | null;
}

/** Before the first snapshot. */
export const noPeaks: Peaks = {
  fromMs: null,
  holders: [],
  lockAwayMs: 0,
  unreachable: [],
  unreachableAtOnce: 0,
  etcdsAway: 0,
  staleMs: 0,
  heldWrites: false,
  replays: 0,
  refusedFills: 0,
  last: null,
};

/** The peaks with one more snapshot, which is newer than all before. */
export function withSnapshot(peaks: Peaks, snapshot: Snapshot): Peaks {
  const { atMs, members, etcds, service, lease } = snapshot;
  const unreachable = members.filter(({ reachable }) => !reachable).map(({ name }) => name);
  const lockAwaySinceMs = lease === null ? (peaks.last?.lockAwaySinceMs ?? atMs) : null;
  const instances = answering(snapshot);
  // The counters are sums over all instances that answer. Of other instances than before, the difference says nothing.
  const before = peaks.last?.instances === instances ? peaks.last.service : null;
  const growth = (counter: 'replays' | 'refusedFills') =>
    before === null || service === null ? 0 : Math.max(0, service[counter] - before[counter]);
  return {
    fromMs: peaks.fromMs ?? atMs,
    holders: union(peaks.holders, lease === null ? [] : [lease.holder]),
    lockAwayMs: Math.max(peaks.lockAwayMs, atMs - (lockAwaySinceMs ?? atMs)),
    unreachable: union(peaks.unreachable, unreachable),
    unreachableAtOnce: Math.max(peaks.unreachableAtOnce, unreachable.length),
    etcdsAway: Math.max(peaks.etcdsAway, etcds.filter(({ healthy }) => !healthy).length),
    staleMs: Math.max(peaks.staleMs, ...members.map(({ staleMs }: MemberView) => staleMs ?? 0)),
    heldWrites: peaks.heldWrites || (service?.writesHeld ?? 0) > 0,
    replays: peaks.replays + growth('replays'),
    refusedFills: peaks.refusedFills + growth('refusedFills'),
    last: { service, instances, lockAwaySinceMs },
  };
}

/** An instance that is not ready answers for its counters all the same. */
const answering = ({ instances }: Snapshot): string =>
  instances
    .filter(({ status }) => status !== 'unreachable')
    .map(({ name }) => name)
    .toSorted()
    .join(' ');

const union = (names: readonly string[], more: readonly string[]): readonly string[] => [
  ...new Set([...names, ...more]),
];
