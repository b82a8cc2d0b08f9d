import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryRecorder } from '../history/history.recorder.js';
import type { Completion, Invocation } from '../history/operation.js';
import type { Client } from './client.queue.js';
import { afterRetry, type Asked, classifyAnswer, classifyError } from './http.outcome.js';

/** Longer than the longest time for which the service holds a write (30 s). */
const requestTimeoutMs = 45_000;
const retryPauseMs = 100;

/** How the HTTP clients of a run behave. A mutation changes it to take a protection away. */
export interface HttpBehaviour {
  /** A session sends the last `Consistency-Token` that it was given. */
  readonly tokens: boolean;
  /** A write carries an `Idempotency-Key`. */
  readonly keys: boolean;
  /** How many times a client sends a request again that got no answer. */
  readonly retries: number;
}

/** The behaviour that the service requires of its clients; with it, no promise may be broken. */
export const requiredBehaviour: HttpBehaviour = { tokens: true, keys: true, retries: 0 };

/** What all HTTP clients of a run share. */
export interface HttpShared {
  readonly url: string;
  /** Whether the service calls members by the names that SQL clients have for them. Else what it says proves nothing about leaders. */
  readonly namesMembers: boolean;
  readonly recorder: HistoryRecorder;
  readonly behaviour: HttpBehaviour;
  /** Every name of a row of this run begins with it. */
  readonly prefix: string;
  /** Product ids by the names of their registers. */
  readonly registers: ReadonlyMap<string, number>;
  /** Gives a value that no other write of the run sets. */
  readonly nextValue: () => number;
}

interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: { readonly name: string; readonly price: number };
  readonly idempotencyKey?: string;
  readonly consistency?: string;
}

interface Answered {
  readonly completion: Completion;
  readonly location: string | null;
}

abstract class HttpClient implements Client {
  private token: string | undefined;

  constructor(
    protected readonly session: string,
    protected readonly shared: HttpShared,
  ) {}

  abstract operate(dueMs: number): Promise<void>;

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  /** Creates a row under a new name; returns its path if the service named it. */
  protected async create(name: string, dueMs: number): Promise<string | null> {
    const { location } = await this.record(
      { action: 'write', row: 'unique', key: name, dueMs },
      { method: 'POST', path: '/products', body: { name, price: 0 }, idempotencyKey: name },
    );
    return location;
  }

  protected async update(register: string, dueMs: number): Promise<void> {
    const value = this.shared.nextValue();
    await this.record(
      { action: 'write', row: 'register', key: register, value, dueMs },
      {
        method: 'PUT',
        path: this.pathOf(register),
        body: { name: register, price: value },
        idempotencyKey: `${register}-${value}`,
      },
    );
  }

  protected async read(register: string, consistency: 'session' | 'leader' | 'eventual', dueMs: number): Promise<void> {
    await this.record(
      { action: 'read', row: 'register', key: register, consistency, dueMs },
      { method: 'GET', path: this.pathOf(register), consistency: consistency === 'leader' ? 'strong' : consistency },
    );
  }

  protected async readCreated(name: string, path: string, dueMs: number): Promise<void> {
    await this.record(
      { action: 'read', row: 'unique', key: name, consistency: 'session', dueMs },
      { method: 'GET', path, consistency: 'session' },
    );
  }

  private pathOf(register: string): string {
    return `/products/${this.shared.registers.get(register) ?? 0}`;
  }

  private async record(what: Omit<Invocation, 'session' | 'channel'>, exchange: Exchange): Promise<Answered> {
    const pending = this.shared.recorder.begin({ session: this.session, channel: 'http', ...what });
    let answered = await this.exchange(what, exchange);
    for (
      let retry = 0;
      retry < this.shared.behaviour.retries && answered.completion.httpStatus === undefined;
      retry += 1
    ) {
      await sleep(retryPauseMs);
      const { completion, location } = await this.exchange(what, exchange);
      answered = { completion: afterRetry(answered.completion, completion), location };
    }
    pending.end(answered.completion);
    return answered;
  }

  private async exchange(what: Asked, exchange: Exchange): Promise<Answered> {
    const { method, path, body, idempotencyKey, consistency } = exchange;
    const { tokens, keys } = this.shared.behaviour;
    try {
      const response = await fetch(`${this.shared.url}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(keys && idempotencyKey !== undefined ? { 'Idempotency-Key': idempotencyKey } : {}),
          ...(consistency === undefined ? {} : { 'Read-Consistency': consistency }),
          ...(tokens && this.token !== undefined && consistency !== 'eventual'
            ? { 'Consistency-Token': this.token }
            : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      const text = await response.text();
      this.token = response.headers.get('consistency-token') ?? this.token;
      const answer = { status: response.status, headers: response.headers, text };
      const { member, ...rest } = classifyAnswer(what, answer);
      const completion = { ...rest, ...(this.shared.namesMembers && member !== undefined ? { member } : {}) };
      return { completion, location: response.ok ? response.headers.get('location') : null };
    } catch (error) {
      return { completion: classifyError(what.action, error), location: null };
    }
  }
}

/** A client that creates rows, each under a key of its own. */
export class CreatingClient extends HttpClient {
  private made = 0;

  async operate(dueMs: number): Promise<void> {
    this.made += 1;
    await this.create(`${this.shared.prefix}-${this.session}-${this.made}`, dueMs);
  }
}

/**
 * A client with a session: it writes its own register and the shared ones, creates rows, and reads what it and others wrote, always
 * with the token that it was given last.
 */
export class SessionClient extends HttpClient {
  private step = 0;
  private made = 0;
  private lastCreated: { readonly name: string; readonly path: string } | undefined;

  constructor(
    session: string,
    shared: HttpShared,
    private readonly own: string,
    private readonly others: readonly string[],
  ) {
    super(session, shared);
  }

  async operate(dueMs: number): Promise<void> {
    const step = this.step;
    this.step += 1;
    const other = this.others[Math.floor(step / 8) % this.others.length] ?? this.own;
    switch (step % 8) {
      case 0:
        return this.update(this.own, dueMs);
      case 1:
      case 7:
        return this.read(this.own, 'session', dueMs);
      case 2:
        return this.update(other, dueMs);
      case 3:
      case 6:
        return this.read(other, 'session', dueMs);
      case 4:
        return this.createAndRemember(dueMs);
      default: {
        const last = this.lastCreated;
        return last === undefined
          ? this.read(this.own, 'session', dueMs)
          : this.readCreated(last.name, last.path, dueMs);
      }
    }
  }

  private async createAndRemember(dueMs: number): Promise<void> {
    this.made += 1;
    const name = `${this.shared.prefix}-${this.session}-${this.made}`;
    const path = await this.create(name, dueMs);
    if (path !== null) this.lastCreated = { name, path };
  }
}

/** A client without a session: it reads registers as any replica has them, or as the leader has them. */
export class ReadingClient extends HttpClient {
  private step = 0;

  constructor(
    session: string,
    shared: HttpShared,
    private readonly consistency: 'eventual' | 'leader',
  ) {
    super(session, shared);
  }

  async operate(dueMs: number): Promise<void> {
    const names = [...this.shared.registers.keys()];
    const name = names[this.step % names.length] ?? '';
    this.step += 1;
    await this.read(name, this.consistency, dueMs);
  }
}
