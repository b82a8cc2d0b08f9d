import { describe, expect, it } from '@jest/globals';
import { namesServer, sharesOf, unmeasured, untoldOf } from './capabilities.js';

const endpoint = { host: 'h', port: 1, user: 'u', database: 'd' };
const named = { sql: { read: endpoint }, http: 'http://x', patroni: ['http://p:8008'], members: { a: endpoint } };
const all = { timeline: true, identity: true };
const ofHttp = ['httpFailed', 'httpWriteGapMs', 'httpReadGapMs', 'longestRequestMs'];

describe('What cannot be judged', () => {
  it.each<[string, Parameters<typeof untoldOf>, string[]]>([
    ['is nothing where everything is told', [named, all], []],
    ['is whether members differ, where none is named', [{ ...named, members: undefined }, all], ['divergentRows']],
    [
      'is also when they are back, without Patroni',
      [{ ...named, members: undefined, patroni: undefined }, all],
      ['divergentRows', 'rejoinMs'],
    ],
    ['is nothing more without Patroni alone', [{ ...named, patroni: undefined }, all], []],
    ['is what a service does, where there is none', [{ ...named, http: undefined }, all], ofHttp],
    [
      'is also how long nobody could read, where nothing reads',
      [{ ...named, http: undefined, sql: {} }, all],
      ['readGapMs', ...ofHttp],
    ],
    ['is not that where a service reads', [{ ...named, sql: {} }, all], []],
    ['is whether two led, without timelines', [named, { timeline: false, identity: true }], ['dualLeaderCommits']],
    [
      'is whether two led, where servers have no name',
      [named, { timeline: true, identity: false }],
      ['dualLeaderCommits'],
    ],
    [
      'is also whether there was a failover, where Patroni does not tell the timeline either',
      [
        { ...named, patroni: undefined },
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
    const untold = untoldOf({ ...named, members: undefined }, all);
    expect(unmeasured('kill', { expects: { lost: { max: 0 } }, failover: true }, untold)).toEqual([]);
    expect(unmeasured('kill', { expects: { divergentRows: { max: 0 } } }, untold)).toEqual([
      expect.stringContaining('kill expects divergentRows, which is not judged here'),
    ]);
  });

  it.each([true, false])(
    'keeps a fault from being injected that must show whether there was a failover: %s',
    (failover) => {
      const untold = untoldOf({ ...named, patroni: undefined }, { timeline: false, identity: true });
      expect(unmeasured('kill', { expects: {} }, untold)).toEqual([]);
      expect(unmeasured('kill', { expects: {}, failover }, untold)).toEqual([
        expect.stringContaining('kill expects failover, which is not judged here'),
      ]);
    },
  );
});

describe('The name of a server', () => {
  it.each([
    ['10.0.0.7:5432', true],
    ['pg-a', true],
    ['::12:5432', true],
    ['fd00::1:5432', true],
    ['', false],
    ['127.0.0.1:5432', false],
    ['127.0.1.1:5432', false],
    ['::1:5432', false],
    ['::1', false],
    ['::1/128', false],
  ])('%s', (told, expected) => {
    expect(namesServer(told)).toBe(expected);
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
