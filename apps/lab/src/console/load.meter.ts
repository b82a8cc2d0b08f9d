import type { Channel, Operation } from '../../../../libs/chaos/src/history/operation.js';
import { percentile, sorted } from '../../../../libs/chaos/src/numbers/sorted.js';
import { lanes, type ClientView, type Lane, type LaneView } from '../../../../libs/live/src/protocol.js';
import { GapStopwatch } from './gap.stopwatch.js';

/** Rates and latencies are those of the last second. */
const windowMs = 1_000;
/** Error classes that are told apart; more would mean that a class is a message. */
const maxErrorClasses = 50;

/** Adds up what the clients of a load see. It keeps the operations of one second, and counts for the rest. */
export class LoadMeter {
  private recent: Operation[] = [];
  private readonly errors = new Map<string, number>();
  private acked = 0;
  private failed = 0;
  private unknown = 0;
  private replayed = 0;
  private readonly gaps = {
    sql: { write: new GapStopwatch(), read: new GapStopwatch() },
    http: { write: new GapStopwatch(), read: new GapStopwatch() },
  } as const;

  /** The fault was injected: stopwatches start. */
  fault(atMs: number): void {
    for (const { write, read } of Object.values(this.gaps)) {
      write.begin(atMs);
      read.begin(atMs);
    }
  }

  /** An operation has ended. */
  add(operation: Operation): void {
    const { outcome, action, channel, consistency, endedMs, errorClass } = operation;
    this.recent.push(operation);
    if (outcome === 'ok') {
      if (action === 'write') this.acked += 1;
      // As in the checkers: a read that only the leader may answer says nothing about reads.
      if (action === 'write' || consistency !== 'leader') this.gaps[channel][action].success(endedMs);
    } else this[outcome] += 1;
    if (operation.replayed === true) this.replayed += 1;
    if (errorClass !== undefined && (this.errors.has(errorClass) || this.errors.size < maxErrorClasses))
      this.errors.set(errorClass, (this.errors.get(errorClass) ?? 0) + 1);
  }

  /** @param waiting how many operations have no answer yet */
  view(nowMs: number, ratePerSecond: number, waiting: number): ClientView {
    this.recent = this.recent.filter(({ endedMs }) => endedMs > nowMs - windowMs);
    const answered = this.recent.filter(({ outcome }) => outcome === 'ok');
    const reads = answered.filter(({ action, role }) => action === 'read' && role !== undefined);
    const gapsOf = (channel: Channel) => ({
      write: this.gaps[channel].write.view(nowMs),
      read: this.gaps[channel].read.view(nowMs),
    });
    return {
      ratePerSecond,
      lanes: Object.fromEntries(
        lanes.map((lane) => [lane, laneView(this.recent.filter((operation) => laneOf(operation) === lane))]),
      ) as Record<Lane, LaneView>,
      errorsByClass: Object.fromEntries(this.errors),
      acked: this.acked,
      failed: this.failed,
      unknown: this.unknown,
      waiting,
      replayed: this.replayed,
      replicaReadShare:
        reads.length === 0 ? null : reads.filter(({ role }) => role === 'replica').length / reads.length,
      servedPerSecond: countBy(answered.flatMap(({ member }) => member ?? [])),
      gaps: { sql: gapsOf('sql'), http: gapsOf('http') },
    };
  }
}

/** The lane of an operation. A read that asks for the leader is one of its session: it shows what that has written. */
export function laneOf({ channel, action, consistency }: Pick<Operation, 'channel' | 'action' | 'consistency'>): Lane {
  if (channel === 'sql') return 'sql';
  if (action === 'write') return 'httpWrites';
  return consistency === 'eventual' ? 'eventualReads' : 'sessionReads';
}

function laneView(operations: readonly Operation[]): LaneView {
  const latenciesMs = sorted(
    operations
      .filter(({ outcome }) => outcome === 'ok')
      .map(({ endedMs, invokedMs, dueMs = invokedMs }) => endedMs - Math.min(dueMs, invokedMs)),
  );
  return {
    perSecond: operations.length,
    failedPerSecond: operations.length - latenciesMs.length,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
