import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { json } from 'node:stream/consumers';
import { StubServer } from '../test/support/stub.server.js';
import { EtcdLease, EtcdUnavailableError } from './etcd.lease.js';
import { fencingSchema } from './fencing.environment.js';

/**
 * The servers stand in for etcd's HTTP gateway. They show what is sent, and how answers and lost answers are taken; they do not
 * show how etcd behaves.
 */
type Answer = object | 'lost';
interface Sent {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const leaderKey = base64('/service/pg-ha/leader');
const memberKey = base64('/service/pg-ha/members/patroni1');
const lock = { member: 'patroni1', lease: '7587' };
const description = { api_url: 'http://patroni1:8008/patroni', conn_url: 'postgres://patroni1:5432/postgres' };

const holder = (member: string) => ({
  responses: [{ response_range: { kvs: [{ value: base64(member), lease: '1' }] } }],
});
const nobody = { responses: [{ response_range: {} }] };
const ownKey = (lease: string) => ({ kvs: [{ value: base64(JSON.stringify(description)), lease }] });

let sent: Sent[];
/** The answers by path; the last one is repeated. */
let answers: Record<string, Answer[]>;
let servers: StubServer[];
let etcd: EtcdLease;

beforeEach(async () => {
  sent = [];
  answers = {
    '/v3/kv/range': [ownKey(lock.lease)],
    '/v3/lease/grant': [{ ID: '9001', TTL: '20' }],
    '/v3/kv/txn': [{ succeeded: true, responses: [{ response_put: {} }, { response_delete_range: { deleted: '1' } }] }],
    '/v3/lease/revoke': [{}],
  };
  // Two members with the same answers: the second is asked when the first does not answer.
  servers = [1, 2].map(
    () =>
      new StubServer(async (request, response) => {
        const path = request.url ?? '';
        sent.push({ path, body: (await json(request)) as Sent['body'] });
        const queue = answers[path] ?? [];
        const answer = queue.length > 1 ? queue.shift() : queue[0];
        if (answer === 'lost' || answer === undefined) return request.socket.destroy();
        return response.end(JSON.stringify(answer));
      }),
  );
  const urls = await Promise.all(servers.map((server) => server.open()));
  etcd = new EtcdLease(
    fencingSchema.parse({
      DOCKER_URL: 'http://127.0.0.1:2375',
      COMPOSE_PROJECT: 'lab',
      PATRONI_SCOPE: 'pg-ha',
      ETCD_URLS: urls.join(','),
      REQUEST_TIMEOUT_MS: 2_000,
    }),
  );
});
afterEach(() => Promise.all(servers.map((server) => server.close())));

const paths = () => sent.map(({ path }) => path);
const bodyOf = (path: string) => sent.find((request) => request.path === path)?.body;

describe('The lock that is read', () => {
  it.each<[string, Answer[], unknown]>([
    ['is the member and the lease in the key', [{ kvs: [{ value: base64('patroni1'), lease: '7587' }] }], lock],
    ['is absent where there is no key', [{}], 'absent'],
    ['is read from the next member when one does not answer', ['lost', {}], 'absent'],
    ['is unreachable when no member answers', ['lost'], 'unreachable'],
  ])('%s', async (_, script, seen) => {
    answers['/v3/kv/range'] = script;
    expect(await etcd.lock()).toEqual(seen);
    expect(bodyOf('/v3/kv/range')).toEqual({ key: leaderKey });
  });
});

describe('Releasing a lock', () => {
  it('deletes it only while it has the same member and lease, marks the dead member in the same transaction, then revokes the lease', async () => {
    expect(await etcd.revoke(lock)).toBe('released');
    expect(paths()).toEqual(['/v3/kv/range', '/v3/lease/grant', '/v3/kv/txn', '/v3/lease/revoke']);
    expect(bodyOf('/v3/kv/txn')).toEqual({
      compare: [
        { key: leaderKey, target: 'VALUE', result: 'EQUAL', value: base64('patroni1') },
        { key: leaderKey, target: 'LEASE', result: 'EQUAL', lease: '7587' },
        { key: memberKey, target: 'LEASE', result: 'EQUAL', lease: '7587' },
      ],
      success: [
        {
          request_put: {
            key: memberKey,
            value: base64(JSON.stringify({ ...description, api_url: '', state: 'stopped' })),
            lease: '9001',
          },
        },
        { request_delete_range: { key: leaderKey } },
      ],
      failure: [{ request_range: { key: leaderKey } }],
    });
    expect(bodyOf('/v3/lease/revoke')).toEqual({ ID: '7587' });
  });

  it.each<[string, object]>([
    ['belongs to a new start of the member', ownKey('7600')],
    ['is gone', {}],
    ['is not one that Patroni writes', { kvs: [{ value: base64('?'), lease: lock.lease }] }],
  ])('leaves a key of the member alone that %s', async (_, found) => {
    answers['/v3/kv/range'] = [found];
    expect(await etcd.revoke(lock)).toBe('released');
    expect(paths()).not.toContain('/v3/lease/grant');
    const { compare, success } = bodyOf('/v3/kv/txn') as { compare: object[]; success: object[] };
    expect(compare.map((entry) => 'key' in entry && entry.key)).toEqual([leaderKey, leaderKey]);
    expect(success).toEqual([{ request_delete_range: { key: leaderKey } }]);
  });

  it.each<[string, Answer[], outcome: string, revokes: boolean]>([
    ['does nothing when another member holds it', [holder('patroni2')], 'lock-changed', false],
    ['does nothing when the same member holds it with another lease', [holder('patroni1')], 'lock-changed', false],
    ['is released when an answer was lost and the lock is gone', ['lost', nobody], 'released', true],
    [
      'is unconfirmed when an answer was lost and another member holds the lock',
      ['lost', holder('patroni2')],
      'unconfirmed',
      false,
    ],
  ])('%s', async (_, script, outcome, revokes) => {
    answers['/v3/kv/txn'] = script;
    expect(await etcd.revoke(lock)).toBe(outcome);
    expect(paths().includes('/v3/lease/revoke')).toBe(revokes);
  });

  it('fails when no member answers the transaction', async () => {
    answers['/v3/kv/txn'] = ['lost'];
    await expect(etcd.revoke(lock)).rejects.toThrow(EtcdUnavailableError);
    expect(paths()).not.toContain('/v3/lease/revoke');
  });

  it('is released even if the lease could not be revoked, for the lease ends by itself', async () => {
    answers['/v3/lease/revoke'] = ['lost'];
    expect(await etcd.revoke(lock)).toBe('released');
  });
});
