import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../../../../libs/chaos/src/history/operation.js';
import { laneOf, LoadMeter } from './load.meter.js';

const operation = (more: Partial<Operation>): Operation => ({
  id: 1,
  session: 's',
  channel: 'http',
  action: 'write',
  row: 'unique',
  key: 'k',
  outcome: 'ok',
  invokedMs: 900,
  endedMs: 1_000,
  ...more,
});

const meterOf = (...operations: readonly Partial<Operation>[]): LoadMeter => {
  const meter = new LoadMeter();
  for (const more of operations) meter.add(operation(more));
  return meter;
};

describe('What clients see', () => {
  it.each<[Partial<Operation>, string]>([
    [{ action: 'write' }, 'httpWrites'],
    [{ action: 'read', consistency: 'session' }, 'sessionReads'],
    [{ action: 'read', consistency: 'leader' }, 'sessionReads'],
    [{ action: 'read', consistency: 'eventual' }, 'eventualReads'],
    [{ channel: 'sql', action: 'write' }, 'sql'],
    [{ channel: 'sql', action: 'read', consistency: 'replica' }, 'sql'],
  ])('has the lane of %j: %s', (of, lane) => {
    expect(laneOf(operation(of))).toBe(lane);
  });

  it('has rates and latencies of the last second, from when an operation was due', () => {
    const meter = meterOf(
      { invokedMs: 100, endedMs: 400 },
      { invokedMs: 1_300, endedMs: 1_310, dueMs: 1_200 },
      { invokedMs: 1_400, endedMs: 1_420 },
      { outcome: 'failed', errorClass: 'NO_LEADER', endedMs: 1_450 },
    );
    expect(meter.view(1_500, 60, 3).lanes.httpWrites).toEqual({
      perSecond: 3,
      failedPerSecond: 1,
      p50Ms: 20,
      p99Ms: 110,
    });
  });

  it('counts since the load began', () => {
    const meter = meterOf(
      { replayed: true },
      { outcome: 'unknown', errorClass: '08006' },
      { outcome: 'failed', errorClass: '08006' },
      { action: 'read', consistency: 'eventual', member: 'patroni2', role: 'replica' },
      { action: 'read', consistency: 'leader', member: 'patroni1', role: 'leader' },
    );
    expect(meter.view(1_001, 60, 3)).toMatchObject({
      ratePerSecond: 60,
      acked: 1,
      failed: 1,
      unknown: 1,
      replayed: 1,
      waiting: 3,
      errorsByClass: { '08006': 2 },
      replicaReadShare: 0.5,
      servedPerSecond: { patroni1: 1, patroni2: 1 },
    });
  });

  it('runs the stopwatch of each channel and action by itself; a read of the leader does not end a read gap', () => {
    const meter = meterOf({ channel: 'sql', endedMs: 900 }, { endedMs: 950 });
    meter.fault(1_000);
    meter.add(operation({ channel: 'sql', endedMs: 3_000 }));
    meter.add(operation({ action: 'read', consistency: 'leader', endedMs: 3_000 }));
    const { gaps } = meter.view(4_000, 60, 0);
    expect(gaps.sql.write).toEqual({ ms: 2_100, running: false });
    expect(gaps.http.write).toEqual({ ms: 3_050, running: true });
    expect(gaps.http.read).toEqual({ ms: 3_000, running: true });
  });
});
