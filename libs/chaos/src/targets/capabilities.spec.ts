import { describe, expect, it } from '@jest/globals';
import { sharesOf, unmeasured, untoldOf } from './capabilities.js';
import type { Target } from './target.schema.js';

const endpoint = { host: 'h', port: 1, user: 'u', database: 'd' };
const members: Target['members'] = { a: endpoint };
const patroni = ['http://p:8008'];
const all = { timeline: true, identity: true };

describe('What cannot be judged', () => {
  it.each<[string, Parameters<typeof untoldOf>, string[]]>([
    ['is nothing where everything is told', [{ patroni, members }, all], []],
    ['is whether members differ, where none is named', [{ patroni, members: undefined }, all], ['divergentRows']],
    [
      'is whether two led, without timelines',
      [
        { patroni, members },
        { timeline: false, identity: true },
      ],
      ['dualLeaderCommits'],
    ],
    [
      'is whether two led, where servers have no name',
      [
        { patroni, members },
        { timeline: true, identity: false },
      ],
      ['dualLeaderCommits'],
    ],
    [
      'is also whether there was a failover, where Patroni does not tell the timeline either',
      [
        { patroni: undefined, members },
        { timeline: false, identity: false },
      ],
      ['dualLeaderCommits', 'failover'],
    ],
  ])('%s', (_, [target, probe], figures) => {
    const untold = untoldOf(target, probe);
    expect(untold.map(({ figure }) => figure)).toEqual(figures);
    expect(untold.every(({ reason }) => reason.length > 20)).toBe(true);
  });

  it('keeps a fault from being injected that has a bound for it', () => {
    const untold = untoldOf({ patroni, members: undefined }, all);
    expect(unmeasured('kill', { expects: { lost: { max: 0 } } }, untold)).toEqual([]);
    expect(unmeasured('kill', { expects: { divergentRows: { max: 0 } } }, untold)).toEqual([
      expect.stringContaining('kill expects divergentRows, which is not judged here'),
    ]);
  });
});

describe('The load', () => {
  it('has clients only of what there is to reach', () => {
    const write = endpoint;
    const sql = { write, identity: 'x' };
    expect(Object.keys(sharesOf({ sql, http: undefined }))).toEqual(['sqlWrite', 'sqlSession', 'sqlLeaderRead']);
    expect(Object.keys(sharesOf({ sql: { ...sql, read: endpoint }, http: undefined }))).toContain('sqlReplicaRead');
    expect(Object.keys(sharesOf({ sql, http: 'http://x' }))).toContain('session');
  });
});
