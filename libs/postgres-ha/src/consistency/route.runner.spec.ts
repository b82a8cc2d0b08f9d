import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LeaderAdmission } from './leader.admission.js';
import type { Attempt } from './node.reader.js';
import type { ReadRoute } from './read.routing.js';
import { RouteRunner } from './route.runner.js';

const behind: Attempt<string> = { kind: 'behind', canWait: false };
const behindAndWaiting: Attempt<string> = { kind: 'behind', canWait: true };
const cut = Object.assign(new Error('cut'), { code: 'ECONNRESET' });
const syntaxError = Object.assign(new Error('syntax'), { code: '42601' });

const answer = (member: string, role: 'leader' | 'replica' = 'replica'): Attempt<string> => ({
  kind: 'answered',
  value: member,
  served: { member, address: '', role },
  assurance: 'checked',
  systemId: 7n,
  seen: undefined,
  replayed: undefined,
});

type Outcome = Attempt<string> | Error;

/** Walks a route over nodes that answer what the script says: the last entry again and again. */
async function walk(
  route: ReadRoute,
  script: { readonly replica?: readonly Outcome[]; readonly leader?: readonly Outcome[] },
  { waitBudgetMs = 1_000, deadlineMs = 2_000 } = {},
) {
  const asked: string[] = [];
  const waits: (number | undefined)[] = [];
  const retried: string[] = [];
  const writes = { deadlineMs: 200, maxInFlight: 1 };
  const admission = new LeaderAdmission({ leaderConcurrency: 1, leaderQueueMs: 10 }, writes, () => undefined);
  const runner = new RouteRunner({ waitBudgetMs, deadlineMs }, admission, (reason) => retried.push(reason));
  const ask = (node: ReadRoute['to'], waitMs?: number): Promise<Attempt<string>> => {
    waits.push(waitMs);
    const outcomes = script[node] ?? [];
    const outcome = outcomes[asked.filter((each) => each === node).length] ?? outcomes.at(-1)!;
    asked.push(node);
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  };
  const result = await runner.run(route, ask).catch((error: unknown) => error as Error);
  return { result, asked, waits, retried };
}

const toReplica: ReadRoute = { to: 'replica', positions: [] };
const toLeader: ReadRoute = { to: 'leader', positions: [], forwarded: undefined, admission: 'as-write' };

describe('RouteRunner', () => {
  it('takes the answer of the first replica', async () => {
    const { result, asked, retried } = await walk(toReplica, { replica: [answer('patroni2')] });
    expect(result).toMatchObject({ answered: { value: 'patroni2' }, reason: 'checked', delayedMs: undefined });
    expect(asked).toEqual(['replica']);
    expect(retried).toEqual([]);
  });

  it('asks another replica at once when one is behind', async () => {
    const { result, asked, retried } = await walk(toReplica, { replica: [behind, answer('patroni3')] });
    expect(result).toMatchObject({ answered: { value: 'patroni3' }, reason: 'checked', delayedMs: expect.any(Number) });
    expect(asked).toEqual(['replica', 'replica']);
    expect(retried).toEqual(['behind']);
  });

  it('waits for a replica within the budget when two are behind', async () => {
    const { result, asked } = await walk(toReplica, { replica: [behind, behind, answer('patroni2')] });
    expect(result).toMatchObject({ reason: 'waited', forwarded: undefined });
    expect(asked).toEqual(['replica', 'replica', 'replica']);
  });

  it('lets a server that can wait do so for what is left of the budget, and does not ask it again and again', async () => {
    const { result, waits } = await walk(toReplica, {
      replica: [behindAndWaiting, behindAndWaiting, answer('patroni2')],
    });
    expect(result).toMatchObject({ reason: 'waited' });
    expect(waits).toEqual([undefined, undefined, expect.any(Number)]);
    expect(waits[2]).toBeGreaterThan(900);
  });

  it('asks the leader when no replica can be reached, and the replicas again when it cannot be, either', async () => {
    const { result, asked, retried } = await walk(toReplica, {
      replica: [cut],
      leader: [cut, answer('patroni1', 'leader')],
    });
    expect(result).toMatchObject({ answered: { value: 'patroni1' }, reason: 'no-replica', forwarded: 'no-replica' });
    expect(asked).toEqual(['replica', 'replica', 'leader', 'replica', 'leader']);
    expect(retried).toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
  });

  it('does not ask the leader because one connection broke', async () => {
    const { asked } = await walk(toReplica, {
      replica: [cut, answer('patroni3')],
      leader: [answer('patroni1', 'leader')],
    });
    expect(asked).toEqual(['replica', 'replica']);
  });

  it('falls back to the leader once the budget is spent', async () => {
    const { result, asked } = await walk(
      toReplica,
      { replica: [behind], leader: [answer('patroni1', 'leader')] },
      { waitBudgetMs: 20 },
    );
    expect(result).toMatchObject({ answered: { value: 'patroni1' }, reason: 'behind', forwarded: 'behind' });
    expect(asked.indexOf('leader')).toBe(asked.length - 1);
  });

  it('reports when the proxy sent a read for the replicas to the leader', async () => {
    const { result } = await walk(toReplica, { replica: [answer('patroni1', 'leader')] });
    expect(result).toMatchObject({ reason: 'no-replica', forwarded: 'no-replica' });
  });

  it('asks the replicas again while the leader cannot be reached', async () => {
    const { result, asked } = await walk(
      toReplica,
      { replica: [behind, behind, answer('patroni2')], leader: [cut] },
      { waitBudgetMs: 0, deadlineMs: 1_000 },
    );
    expect(result).toMatchObject({ answered: { value: 'patroni2' }, reason: 'checked' });
    expect(asked).toEqual(['replica', 'replica', 'leader', 'replica']);
  });

  it('refuses after the deadline when neither the replicas nor the leader hold the positions', async () => {
    const { result, asked } = await walk(
      toReplica,
      { replica: [behind], leader: [behind] },
      { waitBudgetMs: 20, deadlineMs: 30 },
    );
    expect(result).toMatchObject({ code: 'replicas_behind' });
    expect(asked.at(-1)).toBe('leader');
  });

  it('tries again when a connection is cut', async () => {
    const { result, asked, retried } = await walk(toReplica, { replica: [cut, answer('patroni3')] });
    expect(result).toMatchObject({ answered: { value: 'patroni3' } });
    expect(asked).toEqual(['replica', 'replica']);
    expect(retried).toEqual(['ECONNRESET']);
  });

  it('does not repeat a read that would fail again', async () => {
    const { result, asked } = await walk(toReplica, { replica: [syntaxError] });
    expect(result).toBe(syntaxError);
    expect(asked).toEqual(['replica']);
  });

  it('asks only the leader when the route says so, for as long as a write would', async () => {
    const { result, asked } = await walk(toLeader, { leader: [cut] }, { deadlineMs: 100_000 });
    expect(result).toBe(cut);
    expect(new Set(asked)).toEqual(new Set(['leader']));
    expect(asked.length).toBeGreaterThan(1);
  });

  it('names the reason of the route when the leader answers', async () => {
    const forwarded: ReadRoute = { ...toLeader, forwarded: 'staleness-unknown', admission: 'in-turn' };
    const { result } = await walk(forwarded, { leader: [answer('patroni1', 'leader')] });
    expect(result).toMatchObject({ reason: 'staleness-unknown', forwarded: 'staleness-unknown' });
  });

  it('refuses a read at once whose turn does not come while the leader answers others', async () => {
    const admission = new LeaderAdmission(
      { leaderConcurrency: 1, leaderQueueMs: 30 },
      { deadlineMs: 1_000, maxInFlight: 1 },
      () => undefined,
    );
    const runner = new RouteRunner({ waitBudgetMs: 0, deadlineMs: 10_000 }, admission, () => undefined);
    const read = (leaderMs: number) =>
      runner.run(toReplica, (node) =>
        node === 'leader' ? sleep(leaderMs, answer('patroni1', 'leader')) : Promise.resolve(behind),
      );
    const [first, second, third] = await Promise.allSettled([read(10), read(60), read(0)]);
    expect([first?.status, second?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(third).toMatchObject({ status: 'rejected', reason: { code: 'replicas_behind' } });
  });
});
