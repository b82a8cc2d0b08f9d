import { describe, expect, it } from '@jest/globals';
import { NodeObservations, type Observed } from './node.observations.js';

const connection = (member: string, connectedAtMs: number): Observed => ({
  node: { member, address: `ip-of-${member}`, systemId: '1', timeline: 1 },
  connectedAtMs,
});
const seen = (lsn: number, sentAtMs: number) => ({ timeline: 1, lsn: BigInt(lsn), sentAtMs });

describe('NodeObservations', () => {
  it('shares an observation among the connections to its node, and with no other node', () => {
    const observations = new NodeObservations();
    observations.record(connection('patroni1', 0).node, seen(10, 5));
    expect(observations.of(connection('patroni1', 5))?.lsn).toBe(10n);
    expect(observations.of(connection('patroni2', 5))).toBeUndefined();
  });

  it('does not count an observation for a connection that was opened later: the node may have crashed in between', () => {
    const observations = new NodeObservations();
    observations.record(connection('patroni1', 0).node, seen(10, 5));
    expect(observations.of(connection('patroni1', 6))).toBeUndefined();
  });

  it('keeps the observation that was asked for last, also when its answer comes first or shows less', () => {
    const observations = new NodeObservations();
    const { node } = connection('patroni1', 0);
    observations.record(node, seen(10, 7));
    observations.record(node, seen(20, 6));
    expect(observations.of(connection('patroni1', 0))?.lsn).toBe(10n);
    observations.record(node, seen(4, 8));
    expect(observations.of(connection('patroni1', 0))?.lsn).toBe(4n);
  });
});
