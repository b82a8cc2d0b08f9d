import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { create, read, set } from '../../test/support/operations.js';
import { simulate, type SimulatedRun } from '../../test/support/simulation.js';
import type { MemberState } from '../history/final.state.js';
import type { Operation } from '../history/operation.js';
import { checkRun, figuresOf } from './check.js';
import { judge, safety } from './verdict.js';

// Hundreds of histories each, on a machine that may be shared.
jest.setTimeout(120_000);

const expectations = { ...safety, linearizabilityViolations: { max: 0 } };
const verdictOf = (run: SimulatedRun) => judge(expectations, figuresOf(checkRun(run)));

const anySimulation = fc.record({
  seed: fc.integer(),
  sessions: fc.integer({ min: 1, max: 10 }),
  perSecond: fc.constantFrom(20, 200, 2_000),
  failover: fc.boolean(),
});

/** A run of a correct cluster, with or without a failover in the middle. */
const runOf = ({ failover, ...rest }: { failover: boolean; seed: number; sessions: number; perSecond: number }) =>
  simulate({
    ...rest,
    operations: 400,
    ...(failover ? { faultMs: (200 / rest.perSecond) * 1_000, outageMs: 800 } : {}),
  });

describe('The history of a cluster that keeps its promises', () => {
  it('passes, whatever overlapped, lagged or was never answered', () => {
    fc.assert(
      fc.property(anySimulation, (simulation) =>
        expect(verdictOf(runOf(simulation))).toEqual({ pass: true, reasons: [] }),
      ),
      { numRuns: 100 },
    );
  });

  it('gives the same findings in whatever order its operations are listed', () => {
    fc.assert(
      fc.property(anySimulation, (simulation) => {
        const run = runOf(simulation);
        const { samples: _, ...forwards } = checkRun(run);
        const { samples: __, ...backwards } = checkRun({ ...run, history: run.history.toReversed() });
        expect({ ...backwards, examples: [] }).toEqual({ ...forwards, examples: [] });
      }),
      { numRuns: 30 },
    );
  });
});

describe('A run', () => {
  it('with several faults has no time to rejoin, for nobody could say from which fault it counts', () => {
    const run = simulate({ operations: 400, seed: 1, faultMs: 400, outageMs: 100 });
    const [fault] = run.events;
    expect(checkRun(run).rejoinMs).toBe(6_100);
    expect(checkRun({ ...run, events: [...run.events, { ...fault!, atMs: 500 }] }).rejoinMs).toBeNull();
  });

  it('has a first success after the fault only where its write gap was an outage', () => {
    const run = simulate({ operations: 4_000, seed: 1, faultMs: 3_000, outageMs: 2_000 });
    const { phases, writeGapMs } = checkRun(run);
    expect(writeGapMs).toBeGreaterThan(1_900);
    expect(phases.firstSuccessMs).toBeGreaterThan(1_900);
    const calm = simulate({ operations: 4_000, seed: 1 });
    expect(checkRun({ ...calm, events: run.events }).phases.firstSuccessMs).toBeNull();
  });
});

type State = Map<string, number>;
const statesOf = (run: SimulatedRun) => run.final.members as (MemberState & { unique: State; shared: State })[];

/** The writes of which the property may damage one. */
const writes = (run: SimulatedRun, row: Operation['row'], outcome: Operation['outcome'] = 'ok') =>
  run.history.filter(
    (operation) => operation.action === 'write' && operation.row === row && operation.outcome === outcome,
  );

const damages: [string, RegExp, (run: SimulatedRun, pick: (choices: Operation[]) => Operation) => void][] = [
  [
    'an acknowledged row that is gone',
    /^lost is 1,/,
    (run, pick) => {
      const { key } = pick(writes(run, 'unique'));
      for (const { unique } of statesOf(run)) unique.delete(key);
    },
  ],
  [
    'a row that is there twice',
    /^duplicates is 1,/,
    (run, pick) => {
      const { key } = pick(writes(run, 'unique'));
      for (const { unique } of statesOf(run)) unique.set(key, 2);
    },
  ],
  [
    'a row whose write failed',
    /^ghosts is 1,/,
    (run) => {
      run.history.push(create('ghost', [1, 2], { outcome: 'failed' }));
      for (const { unique } of statesOf(run)) unique.set('ghost', 1);
    },
  ],
  [
    'an addition that is not in the sum',
    /^lostUpdates is 1,/,
    (run, pick) => {
      // A second acknowledged addition that returned the same value. In the sum alone an unknown addition may hide the loss.
      run.history.push({ ...pick(writes(run, 'counter')), id: -1 });
    },
  ],
  [
    'an addition that counted twice',
    /^duplicates is [1-9]/,
    (run, pick) => {
      const { key } = pick(writes(run, 'counter'));
      const slack = run.history.filter(
        (write) => write.key === key && write.action === 'write' && write.outcome !== 'ok',
      );
      for (const { shared } of statesOf(run)) shared.set(key, shared.get(key)! + slack.length + 1);
    },
  ],
  [
    'a session read without its own row',
    /^readYourWritesViolations is 1,/,
    (run, pick) => {
      const { session, channel, key, endedMs } = pick(writes(run, 'unique'));
      run.history.push(
        read('unique', key, 0, [endedMs + 1, endedMs + 2], { session, channel, consistency: 'session' }),
      );
    },
  ],
  [
    'a session whose second read went back',
    /^monotonicViolations is 1,/,
    (run, pick) => {
      const { key, channel, endedMs } = pick(writes(run, 'unique'));
      const other = { session: 'other', channel, consistency: 'session' } as const;
      run.history.push(
        read('unique', key, 1, [endedMs + 1, endedMs + 2], other),
        read('unique', key, 0, [endedMs + 3, endedMs + 4], other),
      );
    },
  ],
  [
    'a leader read of a value that was already overwritten',
    /^linearizabilityViolations is [1-9]/,
    (run, pick) => {
      const { key, endedMs } = pick(writes(run, 'register'));
      const lateMs = endedMs + 20_000;
      run.history.push(
        set(key, -1, [endedMs + 1, lateMs - 2]),
        set(key, -2, [lateMs, lateMs + 1]),
        read('register', key, -1, [lateMs + 2, lateMs + 3], { session: 'other' }),
      );
    },
  ],
  [
    'a leader read of a counter that lacks an acknowledged addition',
    /^staleLeaderReads is 1,/,
    (run, pick) => {
      const { key, value, returned, endedMs } = pick(writes(run, 'counter'));
      run.history.push(read('counter', key, returned! - value!, [endedMs + 1, endedMs + 2], { session: 'other' }));
    },
  ],
  [
    'a commit of a superseded leader',
    /^dualLeaderCommits is [1-9]/,
    (run, pick) => {
      const { endedMs } = pick(writes(run, 'unique'));
      run.history.push(
        create('new', [endedMs, endedMs + 1], { member: 'patroni2', timeline: 9 }),
        create('old', [endedMs + 2, endedMs + 3], { member: 'patroni3', timeline: 8 }),
      );
    },
  ],
  [
    'a replica that lacks a row',
    /^divergentRows is 1,/,
    (run, pick) => {
      const { key } = pick(writes(run, 'unique'));
      statesOf(run)
        .find(({ role }) => role === 'replica')!
        .unique.delete(key);
    },
  ],
];

describe('One damage in a clean history', () => {
  it.each(damages)('%s is always found', (_, reason, damage) => {
    fc.assert(
      fc.property(anySimulation, fc.nat(), (simulation, choice) => {
        const run = runOf(simulation);
        damage(run, (choices) => choices[choice % choices.length]!);
        expect(verdictOf(run).reasons).toContainEqual(expect.stringMatching(reason));
      }),
      { numRuns: 30 },
    );
  });
});
