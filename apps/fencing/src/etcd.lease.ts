import axios, { isAxiosError, type AxiosInstance } from 'axios';
import { z } from 'zod';
import { httpsAgent, readTls } from '../../../libs/service-kit/src/tls.files.js';
import { keysOf } from '../../../libs/cluster/src/core/members.mjs';
import type { LeaderLock } from './fence.decision.js';
import type { FencingEnvironment } from './fencing.environment.js';

/** An answer of etcd's HTTP gateway: bytes are base64, 64-bit numbers are strings, and zeros are left out. */
const rangeSchema = z.object({
  kvs: z.array(z.object({ value: z.base64().default(''), lease: z.string().default('0') })).default([]),
});
const tokenSchema = z.object({ token: z.string() });
const grantSchema = z.object({ ID: z.string() });
const noKeys = { kvs: [] };
const txnSchema = z.object({
  succeeded: z.boolean().default(false),
  responses: z.array(z.looseObject({ response_range: rangeSchema.default(noKeys) })).default([]),
});

/** No member of etcd answered; `cause` has the error of each. */
export class EtcdUnavailableError extends Error {
  override readonly name = 'EtcdUnavailableError';
  readonly code = 'ETCD_UNAVAILABLE';
}

/**
 * What became of a lock that was to be released. `lock-changed`: another member or lease holds it, and nothing was done.
 * `unconfirmed`: the same, but an earlier request was not answered, so it is not known whether this service released the lock.
 */
export type Revocation = 'released' | 'lock-changed' | 'unconfirmed';

interface Key {
  readonly value: string;
  readonly lease: string;
}

/** Patroni's leader key in etcd, its lease, and the keys of members. */
export class EtcdLease {
  private readonly http: AxiosInstance;
  /** Of the login at each URL. etcd forgets it after five minutes without a request, and at its restart. */
  private readonly tokens = new Map<string, string>();
  private readonly keys: ReturnType<typeof keysOf>;

  /** @throws InvalidEnvironmentError when a file of `PEER_TLS_…` cannot be used */
  constructor(private readonly environment: FencingEnvironment) {
    this.http = axios.create({ maxRedirects: 0, ...httpsAgent(readTls('PEER_TLS', environment) ?? null) });
    this.keys = keysOf(environment.PATRONI_SCOPE, environment.PATRONI_NAMESPACE);
  }

  /** Reads the leader key. The read is linearizable, so only an etcd with quorum answers it. Never throws. */
  async lock(): Promise<LeaderLock | 'absent' | 'unreachable'> {
    try {
      const key = await this.read(this.keys.leader);
      return key === undefined ? 'absent' : { member: key.value, lease: key.lease };
    } catch {
      return 'unreachable';
    }
  }

  /**
   * Deletes the lock in one transaction if it still has the same member and the same lease. Then revokes the lease, which
   * belongs to that one start of the member alone.
   *
   * The transaction also empties the `api_url` in the member's key, and attaches that key to a lease of its own
   * (GRAVE_TTL_SECONDS). Candidates for leader skip a member with an empty `api_url`. They would otherwise ask it first, and if
   * the dead address is silent, each of them would wait for Patroni's two seconds. If the key were deleted, they would take the
   * address from the failsafe topology. This does not change who becomes the leader: a member that is silent and one that is
   * skipped both count as no vote. A member that starts again overwrites its key.
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
      // Before the deletion, so that a standby that is woken by it already sees the mark.
      success.unshift({ request_put: { key: base64(memberKey), value: base64(grave), lease: ID } });
    }
    const failure = [{ request_range: { key: base64(this.keys.leader) } }];
    const { body, unanswered } = await this.ask('/v3/kv/txn', { compare, success, failure });
    const { succeeded, responses } = txnSchema.parse(body);
    // If an earlier answer was lost, the lock may be gone already.
    const isGone = responses.every(({ response_range }) => response_range.kvs.length === 0);
    if (!succeeded && !isGone) return unanswered > 0 ? 'unconfirmed' : 'lock-changed';
    await this.forget(lease);
    return 'released';
  }

  /** Revokes the lease. Failing is harmless: the lock is gone, and the lease ends with its TTL. */
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
   * Asks one member after the other. Every request may be repeated: reads, a grant, compare-and-delete.
   *
   * @returns the first answer, and how many members did not answer before: they may have done what they were asked
   */
  private async ask(path: string, question: object): Promise<{ body: unknown; unanswered: number }> {
    const causes: unknown[] = [];
    for (const url of this.environment.ETCD_URLS) {
      try {
        const signal = AbortSignal.timeout(this.environment.REQUEST_TIMEOUT_MS);
        return { body: await this.askOne(url, path, question, signal), unanswered: causes.length };
      } catch (error) {
        causes.push(isAxiosError(error) ? error.message : error);
      }
    }
    throw new EtcdUnavailableError(`no etcd member answered ${path}`, { cause: causes });
  }

  /** Logs in where etcd asks for that, and once more where it does not know the token any more. */
  private async askOne(url: string, path: string, question: object, signal: AbortSignal): Promise<unknown> {
    const post = async (token: string | undefined) =>
      this.http.post<unknown>(`${url}${path}`, question, {
        signal,
        ...(token && { headers: { authorization: token } }),
      });
    const known = this.tokens.get(url);
    try {
      return (await post(known ?? (await this.logIn(url, signal)))).data;
    } catch (error) {
      if (known === undefined || !isAxiosError(error) || error.response?.status !== 401) throw error;
      return (await post(await this.logIn(url, signal))).data;
    }
  }

  private async logIn(url: string, signal: AbortSignal): Promise<string | undefined> {
    const { ETCD_USER: name, ETCD_PASSWORD: password } = this.environment;
    if (name === undefined) return undefined;
    const { data } = await this.http.post<unknown>(`${url}/v3/auth/authenticate`, { name, password }, { signal });
    const { token } = tokenSchema.parse(data);
    this.tokens.set(url, token);
    return token;
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The value of a member's key with the mark of death; undefined where the value is not one that Patroni writes. */
function markedDead(value: string): string | undefined {
  const parsed = memberSchema.safeParse(safeJson(value));
  if (!parsed.success) return undefined;
  // The field stays, and is empty: Patroni shows it in GET /cluster, whose readers expect a string.
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
