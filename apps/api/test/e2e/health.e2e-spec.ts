import { describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const app = useApp();
const postgresVersion = expect.stringMatching(/^17\.\d+$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const member = expect.stringMatching(/^patroni[123]$/);

describe('GET /health', () => {
  it('is ok while the cluster is whole, and shows what each indicator saw', async () => {
    // Other tests write to the same lab meanwhile, and a replica may be behind for a moment.
    const response = await until({ what: 'health is ok', boundMs: 20_000 }, async () => {
      const answer = await app().http.get('/health').expect(200);
      const { status } = answer.body as { status: string };
      if (status !== 'ok') throw new Error(JSON.stringify(answer.body));
      return answer;
    });
    expect(response.body).toMatchObject({
      status: 'ok',
      details: {
        write: {
          status: 'up',
          member,
          role: 'leader',
          address: expect.any(String),
          database: 'app_db',
          user: 'app_user',
          version: postgresVersion,
          responseTimeMs: expect.any(Number),
          checkedAt: time,
        },
        read: { status: 'up', member, role: 'replica' },
        patroni: {
          status: 'up',
          leader: member,
          timeline: expect.any(Number),
          members: [expect.anything(), expect.anything(), expect.anything()],
        },
        replication: {
          status: 'up',
          maxLagBytes: expect.any(Number),
          maxLagSeconds: expect.any(Number),
          standbys: [
            {
              member,
              state: 'streaming',
              syncState: 'quorum',
              lagBytes: expect.any(Number),
              lagSeconds: expect.any(Number),
            },
            {
              member,
              state: 'streaming',
              syncState: 'quorum',
              lagBytes: expect.any(Number),
              lagSeconds: expect.any(Number),
            },
          ],
        },
        redis: { status: 'up', responseTimeMs: expect.any(Number) },
      },
    });
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('lists every node with role, response time, database, user, address, version and time of the check', async () => {
    // From outside the lab's network a node is asked through the pools, which reach all of them after a few rounds.
    const nodes = await until({ what: 'every node was asked', boundMs: 20_000 }, async () => {
      const { body } = await app().http.get('/health').expect(200);
      const { details } = body as { details: { nodes: { nodes: { member: string; error?: string }[] } } };
      const seen = details.nodes.nodes;
      return seen.some(({ error }) => error !== undefined) ? undefined : seen;
    });
    expect(nodes.map((node) => node.member).toSorted()).toEqual(['patroni1', 'patroni2', 'patroni3']);
    expect(nodes.map((node) => (node as unknown as { role: string }).role).toSorted()).toEqual([
      'leader',
      'quorum_standby',
      'quorum_standby',
    ]);
    for (const node of nodes) {
      expect(node).toEqual({
        member,
        role: expect.any(String),
        state: expect.stringMatching(/^(running|streaming)$/),
        address: expect.stringMatching(/^[\d.]+$/),
        database: 'app_db',
        user: 'app_user',
        version: postgresVersion,
        route: 'haproxy',
        responseTimeMs: expect.any(Number),
        checkedAt: time,
      });
    }
  });

  it('names the same leader by its connection and by Patroni', async () => {
    const { body } = await app().http.get('/health').expect(200);
    const { details } = body as { details: { write: { member: string }; patroni: { leader: string } } };
    expect(details.write.member).toBe(details.patroni.leader);
  });
});

describe('The short health endpoints', () => {
  it('GET /health/live says that the process answers', async () => {
    const { body } = await app().http.get('/health/live').expect(200);
    expect(body).toEqual({ status: 'ok' });
  });

  it('GET /health/ready says that the service has reached its database', async () => {
    const { body } = await app().http.get('/health/ready').expect(200);
    expect(body).toEqual({ status: 'ready' });
  });

  it('GET /health/simple is one word of plain text', async () => {
    const response = await app().http.get('/health/simple').expect(200);
    expect(response.text).toBe('ok');
    expect(response.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('GET /health/version tells the versions of the service, of Node and of PostgreSQL, and the environment', async () => {
    const { body } = await app().http.get('/health/version').expect(200);
    expect(body).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      commit: expect.any(String),
      environment: 'test',
      node: process.version,
      postgres: postgresVersion,
      uptimeSeconds: expect.any(Number),
    });
  });
});
