import { beforeAll, describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

const app = useApp();
const lab = openLab();
const lsn = expect.stringMatching(/^[\dA-F]+\/[\dA-F]+$/);

describe('The cluster over HTTP', () => {
  let leader: string;

  beforeAll(async () => {
    leader = await lab.leader();
  });

  it('GET /cluster lists the members as Patroni knows them', async () => {
    const { body } = await app().http.get('/cluster').expect(200);
    expect(body).toMatchObject({
      scope: openLab().settings.LAB_SCOPE,
      leader,
      paused: false,
      timeline: expect.any(Number),
    });
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
      synchronous: {
        mode: 'quorum',
        nodeCount: 1,
        standbyNames: expect.stringMatching(/^ANY 1 \(/),
        commit: 'on',
        because: expect.stringMatching(/^A commit waits for any 1 of the listed standbys/),
      },
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
        lagSeconds: expect.any(Number),
        slot: name,
        slotWalStatus: 'reserved',
      })),
    });
  });

  it('GET /cluster/replication lists the slots of the leader and what each holds back', async () => {
    const { body } = await app().http.get('/cluster/replication').expect(200);
    const slots = (await lab.replicas()).map((name) => ({
      name,
      type: 'physical',
      active: true,
      restartLsn: lsn,
      retainedBytes: expect.any(Number),
      walStatus: 'reserved',
    }));
    expect((body as { slots: object[] }).slots).toEqual(slots);
  });

  it('GET /cluster/replication shows how each standby sees its own stream', async () => {
    const replicas = await lab.replicas();
    const { timeline } = (await app().http.get('/cluster')).body as { timeline: number };
    // Outside of the lab's network the service reaches standbys only through its pool, and all of them only after a few rounds.
    const receivers = await until({ what: 'both standbys were asked', boundMs: 20_000 }, async () => {
      const { body } = await app().http.get('/cluster/replication').expect(200);
      const { walReceivers } = body as { walReceivers: { member: string; error?: string }[] };
      return walReceivers.some(({ error }) => error !== undefined) ? undefined : walReceivers;
    });
    expect(receivers.toSorted((a, b) => a.member.localeCompare(b.member))).toEqual(
      replicas.map((member) => ({
        member,
        status: 'streaming',
        senderHost: leader,
        senderPort: 5432,
        timeline,
        slot: member,
        writtenLsn: lsn,
        flushedLsn: lsn,
        replayLsn: lsn,
        replayState: 'not paused',
        lastMessageAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        lastReplayedCommitAt: expect.anything(),
      })),
    );
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
