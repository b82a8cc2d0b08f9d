import axios, { isAxiosError } from 'axios';
import { z } from 'zod';
import { keysOf } from '../../../libs/cluster/src/core/members.mjs';
import type { LeaderLock } from './fence.decision.js';
import type { FencingEnvironment } from './fencing.environment.js';

/** etcd's HTTP gateway: bytes as base64, 64-bit numbers as strings, and what is zero left out. */
const rangeSchema = z.object({
  kvs: z.array(z.object({ value: z.base64().default(''), lease: z.string().default('0') })).default([]),
});
const grantSchema = z.object({ ID: z.string() });
const noKeys = { kvs: [] };
const txnSchema = z.object({
  succeeded: z.boolean().default(false),
  responses: z.array(z.looseObject({ response_range: rangeSchema.default(noKeys) })).default([]),
});

/** Thrown when no member of etcd gave an answer; `cause` holds what each said. */
export class EtcdUnavailableError extends Error {
  override readonly name = 'EtcdUnavailableError';
  readonly code = 'ETCD_UNAVAILABLE';
}

/**
 * What became of a lock that was to be taken away. `lock-changed`: somebody else holds it, and nothing was done.
 * `unconfirmed`: somebody else holds it, and whether by our doing is not known, for a request of ours was not answered.
 */
export type Revocation = 'released' | 'lock-changed' | 'unconfirmed';

interface Key {
  readonly value: string;
  readonly lease: string;
}

/** The keys of Patroni in etcd that concern who leads. */
export class EtcdLease {
  private readonly http = axios.create({ maxRedirects: 0 });
  private readonly keys: ReturnType<typeof keysOf>;

  constructor(private readonly environment: FencingEnvironment) {
    this.keys = keysOf(environment.PATRONI_SCOPE, environment.PATRONI_NAMESPACE);
  }

  /** The leader key by a linearizable read, which only an etcd with quorum answers. Never throws. */
  async lock(): Promise<LeaderLock | 'absent' | 'unreachable'> {
    try {
      const key = await this.read(this.keys.leader);
      return key === undefined ? 'absent' : { member: key.value, lease: key.lease };
    } catch {
      return 'unreachable';
    }
  }

  /**
   * Takes away the lock, if it is still exactly this one: same member, same lease, in one transaction. Then revokes
   * the lease itself, which by its id can only hit what is left of the same life.
   *
   * In that transaction the member's `api_url` is emptied and its key is hung on a lease of its own (GRAVE_TTL_SECONDS).
   * Candidates skip a member without one; otherwise they ask it first, and where a dead address is silent that costs
   * each of them the two seconds Patroni waits. Without the key at all they take the address from the failsafe topology.
   * It cannot change who wins: silence and being skipped both count as no vote, and a member that starts again
   * overwrites its key.
   *
   * @throws EtcdUnavailableError when the outcome is not known
   */
  async revoke({ member, lease }: LeaderLock): Promise<Revocation> {
    const memberKey = this.keys.member(member);
    const found = await this.read(memberKey);
    const grave = found?.lease === lease ? markedDead(found.value) : undefined;
    const compare = [
      { key: base64(this.keys.leader), target: 'VALUE', result: 'EQUAL', value: base64(member) },
      { key: base64(this.keys.leader), target: 'LEASE', result: 'EQUAL', lease },
    ];
    const success: object[] = [{ request_delete_range: { key: base64(this.keys.leader) } }];
    if (grave !== undefined) {
      const grant = await this.ask('/v3/lease/grant', { TTL: this.environment.GRAVE_TTL_SECONDS });
      const { ID } = grantSchema.parse(grant.body);
      compare.push({ key: base64(memberKey), target: 'LEASE', result: 'EQUAL', lease });
      // First, so that who is woken by the lock sees the mark already.
      success.unshift({ request_put: { key: base64(memberKey), value: base64(grave), lease: ID } });
    }
    const failure = [{ request_range: { key: base64(this.keys.leader) } }];
    const { body, unanswered } = await this.ask('/v3/kv/txn', { compare, success, failure });
    const { succeeded, responses } = txnSchema.parse(body);
    // Asked again after an answer that was lost, the lock is gone already.
    const isGone = responses.every(({ response_range }) => response_range.kvs.length === 0);
    if (!succeeded && !isGone) return unanswered > 0 ? 'unconfirmed' : 'lock-changed';
    await this.forget(lease);
    return 'released';
  }

  /** The lock is gone already; what the lease still holds would end with its TTL. */
  private async forget(lease: string): Promise<void> {
    try {
      await this.ask('/v3/lease/revoke', { ID: lease });
    } catch (error) {
      if (!(error instanceof EtcdUnavailableError)) throw error;
    }
  }

  private async read(key: string): Promise<Key | undefined> {
    const { body } = await this.ask('/v3/kv/range', { key: base64(key) });
    const [found] = rangeSchema.parse(body).kvs;
    return found && { value: Buffer.from(found.value, 'base64').toString(), lease: found.lease };
  }

  /**
   * Asks one member after the other. All that is asked may be repeated: reads, a grant, compare-and-delete.
   *
   * @returns the first answer, and how many were asked before in vain: what they were asked may have been done
   */
  private async ask(path: string, question: object): Promise<{ body: unknown; unanswered: number }> {
    const causes: unknown[] = [];
    for (const url of this.environment.ETCD_URLS) {
      try {
        const signal = AbortSignal.timeout(this.environment.REQUEST_TIMEOUT_MS);
        const { data } = await this.http.post<unknown>(`${url}${path}`, question, { signal });
        return { body: data, unanswered: causes.length };
      } catch (error) {
        causes.push(isAxiosError(error) ? error.message : error);
      }
    }
    throw new EtcdUnavailableError(`no etcd member answered ${path}`, { cause: causes });
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The member's own description of itself, with the mark; undefined where it is none that Patroni writes. */
function markedDead(value: string): string | undefined {
  const parsed = memberSchema.safeParse(safeJson(value));
  if (!parsed.success) return undefined;
  // Empty, not absent: Patroni shows it in GET /cluster, where its readers expect a string.
  return JSON.stringify({ ...parsed.data, api_url: '', state: 'stopped' });
}

const memberSchema = z.looseObject({ api_url: z.string() });

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
