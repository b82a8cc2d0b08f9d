import { describe, expect, it } from '@jest/globals';
import { create, finalState, memberState } from '../../test/support/operations.js';
import { safety } from '../checkers/verdict.js';
import { runResultSchema } from '../results/run.result.js';
import { assembleRun, type Demands } from './run.assembly.js';

const identity = {
  scenario: 'kill',
  run: 1,
  seed: 1,
  startedAt: new Date(0),
  durationMs: 10,
  config: { patroni: {}, images: {}, versions: {} },
  trouble: [],
};
/** A replica that lacks a row: members differ. */
const record = {
  history: [create('a', [0, 1])],
  final: finalState(memberState({ a: 1 }), memberState({}, {}, 'patroni2')),
  events: [],
};
const judged = (demands: Partial<Demands>) =>
  assembleRun(identity, record, [], { figures: safety, leadership: { holdMs: 0 }, ...demands });

describe('A run of a cluster that does not tell everything', () => {
  it('fails by a figure that it does tell', () => {
    expect(judged({}).verdict).toEqual({ pass: false, reasons: ['divergentRows is 1, expected at most 0'] });
  });

  it('is not judged by a figure that it does not tell, and says so', () => {
    const notJudged = [{ figure: 'divergentRows', reason: 'no members' }] as const;
    const result = runResultSchema.parse(judged({ notJudged }));
    expect(result.verdict.pass).toBe(true);
    expect(result.notJudged).toEqual(notJudged);
  });

  it('is not judged by a failover that nobody could see', () => {
    const leadership = { failover: true, holdMs: 0 };
    const figures = { lost: safety.lost };
    expect(judged({ leadership, figures }).verdict.reasons).toEqual(['no timeline was seen']);
    const notJudged = [{ figure: 'failover', reason: 'no timeline' }] as const;
    expect(judged({ leadership, figures, notJudged }).verdict.reasons).toEqual([]);
  });
});
