import { beforeAll, describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { LabController } from '../support/lab.controller.js';

const app = useApp();
const lab = new LabController();
const lsn = expect.stringMatching(/^[\dA-F]+\/[\dA-F]+$/);

describe('The cluster over HTTP', () => {
  let leader: string;

  beforeAll(async () => {
    leader = await lab.leader();
  });

  it('GET /cluster lists the members as Patroni knows them', async () => {
    const { body } = await app().http.get('/cluster').expect(200);
    expect(body).toMatchObject({ scope: 'pg-ha', leader, paused: false, timeline: expect.any(Number) });
    const { members, timeline } = body as { members: { name: string }[]; timeline: number };
    expect(members.map(({ name }) => name).toSorted()).toEqual(['patroni1', 'patroni2', 'patroni3']);
    for (const { name, ...rest } of members) {
      expect(rest).toMatchObject(
        name === leader
          ? { role: 'leader', state: 'running', timeline, lagBytes: 0, host: name }
          : { role: 'quorum_standby', state: 'streaming', timeline, lagBytes: expect.any(Number), host: name },
      );
    }
  });

  it('GET /cluster/replication shows each standby as the leader sees it', async () => {
    const { body } = await app().http.get('/cluster/replication').expect(200);
    const replicas = await lab.replicas();
    expect(body).toMatchObject({
      servedByNode: expect.any(String),
      currentLsn: lsn,
      synchronousStandbyNames: expect.stringMatching(/^ANY 1 \(/),
      standbys: replicas.map((name) => ({
        member: name,
        address: expect.any(String),
        state: 'streaming',
        syncState: 'quorum',
        sentLsn: lsn,
        writeLsn: lsn,
        flushLsn: lsn,
        replayLsn: lsn,
        lagBytes: expect.any(Number),
        slot: name,
        slotWalStatus: 'reserved',
      })),
    });
  });

  it('GET /cluster/history tells how each past timeline ended, oldest first', async () => {
    const { body } = await app().http.get('/cluster/history').expect(200);
    const entries = body as { timeline: number }[];
    const timelines = entries.map(({ timeline }) => timeline);
    expect(timelines).toEqual(timelines.toSorted((a, b) => a - b));
    for (const entry of entries) {
      expect(entry).toMatchObject({ timeline: expect.any(Number), switchLsn: lsn, reason: expect.any(String) });
      expect(Object.keys(entry)).toEqual(['timeline', 'switchLsn', 'reason', 'endedAt', 'newLeader']);
    }
  });
});
