import { errorClass } from './recorder.js';
import { requestInSession } from './session.request.js';

/** A read that showed less than the same session had written or seen before. */
export interface Violation {
  readonly session: number;
  readonly row: number;
  readonly atLeast: number;
  readonly saw: number | 'nothing';
  readonly servedBy: string | null;
}

/** What the sessions lived through. */
export interface SessionReport {
  /** Write-then-read pairs: an acknowledged write and the answered read of it right after. */
  readonly pairs: number;
  readonly readYourWrites: readonly Violation[];
  readonly monotonic: readonly Violation[];
  /** Answered reads by the role in `Served-By`. */
  readonly servedByRole: Readonly<Record<string, number>>;
  /** Requests without a 2xx answer, by status or error class. */
  readonly failures: Readonly<Record<string, number>>;
}

/** How long the sessions go on. */
export interface SessionLoad {
  readonly url: string;
  readonly sessions: number;
  /** Of all sessions together. */
  readonly pairs: number;
  /** Ends them earlier. */
  readonly signal?: AbortSignal;
}

const requestTimeoutMs = 30_000;

/**
 * Sessions that each own a row and write growing numbers to it. After each write a session reads its own row, which must
 * show that number (read your writes), and the row of another session, which must never show less than the last time
 * (monotonic reads). Each keeps the last `Consistency-Token` it was given, and nothing else.
 */
export async function runSessions(load: SessionLoad): Promise<SessionReport> {
  const report = new Report();
  const rows = await Promise.all(Array.from({ length: load.sessions }, (_, index) => createRow(load.url, index)));
  const share = Math.ceil(load.pairs / load.sessions);
  await Promise.all(
    rows.map((own, index) =>
      new Session(index, load, report).live(own, rows[(index + 1) % rows.length] as number, share),
    ),
  );
  return report.toReport();
}

class Session {
  private token: string | undefined;
  /** The highest number seen per row. */
  private readonly seen = new Map<number, number>();

  constructor(
    private readonly index: number,
    private readonly load: SessionLoad,
    private readonly report: Report,
  ) {}

  async live(own: number, other: number, pairs: number): Promise<void> {
    for (let number = 1; number <= pairs && this.load.signal?.aborted !== true; number += 1) {
      const written = await this.ask('PUT', own, { name: `session-${this.index}`, price: number });
      if (written !== undefined) this.seen.set(own, number);
      const mine = await this.ask('GET', own);
      if (mine !== undefined && written !== undefined) this.report.pairs += 1;
      this.compare(own, mine, this.report.readYourWrites);
      this.compare(other, await this.ask('GET', other), this.report.monotonic);
    }
  }

  private compare(row: number, answer: Answer | undefined, violations: Violation[]): void {
    if (answer === undefined) return;
    const atLeast = this.seen.get(row) ?? 0;
    const { price: saw, servedBy } = answer;
    if (saw === 'nothing' || saw < atLeast) violations.push({ session: this.index, row, atLeast, saw, servedBy });
    else this.seen.set(row, saw);
    this.report.served(servedBy);
  }

  /** @returns undefined when the request was not answered with 2xx, or 404 for a read */
  private async ask(method: 'GET' | 'PUT', row: number, body?: object): Promise<Answer | undefined> {
    try {
      const { token } = this;
      const request = { method, token, boundMs: requestTimeoutMs, ...(body === undefined ? {} : { body }) };
      const response = await requestInSession(`${this.load.url}/products/${row}`, request);
      const answer = (await response.json()) as { price: number };
      this.token = response.headers.get('consistency-token') ?? this.token;
      const servedBy = response.headers.get('served-by');
      if (response.status === 404 && method === 'GET') return { price: 'nothing', servedBy };
      if (response.ok) return { price: answer.price, servedBy };
      this.report.failed(String(response.status));
    } catch (error) {
      this.report.failed(errorClass(error));
    }
    return undefined;
  }
}

interface Answer {
  readonly price: number | 'nothing';
  readonly servedBy: string | null;
}

class Report {
  pairs = 0;
  readonly readYourWrites: Violation[] = [];
  readonly monotonic: Violation[] = [];
  private readonly servedByRole: Record<string, number> = {};
  private readonly failures: Record<string, number> = {};

  served(servedBy: string | null): void {
    const role = servedBy?.split('; ')[1] ?? 'unknown';
    this.servedByRole[role] = (this.servedByRole[role] ?? 0) + 1;
  }

  failed(outcome: string): void {
    this.failures[outcome] = (this.failures[outcome] ?? 0) + 1;
  }

  toReport(): SessionReport {
    const { pairs, readYourWrites, monotonic, servedByRole, failures } = this;
    return { pairs, readYourWrites, monotonic, servedByRole, failures };
  }
}

async function createRow(url: string, index: number): Promise<number> {
  const response = await fetch(`${url}/products`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: `session-${index}`, price: 0 }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!response.ok) throw new Error(`creating a row: ${response.status}`);
  return ((await response.json()) as { id: number }).id;
}
