import { setTimeout as sleep } from 'node:timers/promises';
import { errorClass } from './recorder.js';
import { requestInSession } from './session.request.js';

/** An answer that showed less than its session had written, seen, or been told of by another's token. */
export interface StaleAnswer {
  readonly album: number;
  readonly atLeast: number;
  readonly saw: number | 'nothing';
  readonly servedBy: string | null;
  readonly cacheStatus: string | null;
}

/** What the hammering clients lived through. */
export interface HammerReport {
  readonly writes: number;
  /** Answered reads of sessions, and how many of them the cache answered. */
  readonly sessionReads: number;
  readonly sessionHits: number;
  /** Answered reads of clients that send no token. */
  readonly tokenlessReads: number;
  readonly stale: readonly StaleAnswer[];
  /** Requests without a 2xx answer, by status or error class. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Who hammers. Each album has one writer. */
export interface Hammer {
  readonly url: string;
  readonly prefix: string;
  readonly albums: number;
  readonly readers: number;
  readonly tokenlessReaders: number;
  readonly signal: AbortSignal;
}

const requestTimeoutMs = 30_000;
/** So that an album lives for some reads between two writes. */
const writerPauseMs = 40;

/**
 * Writers that put growing numbers into albums and read them back; readers that read all of them, carry their own token,
 * and now and then take over that of a writer, which obliges them to see what it wrote; and readers without tokens, whose
 * reads reach whichever replica there is and so bring old answers to the cache.
 */
export async function hammer(load: Hammer): Promise<HammerReport> {
  const report: Report = { writes: 0, sessionReads: 0, sessionHits: 0, tokenlessReads: 0, stale: [], failures: {} };
  const albums = await Promise.all(Array.from({ length: load.albums }, () => createAlbum(load)));
  const repeat = (count: number, live: (index: number) => Promise<void>) =>
    Array.from({ length: count }, (_, index) => live(index));
  await Promise.all([
    ...albums.map((album) => new Session(load, report).write(album)),
    ...repeat(load.readers, (index) => new Session(load, report).read(albums, index)),
    ...repeat(load.tokenlessReaders, () => new Session(load, report).readWithoutToken(albums)),
  ]);
  return report;
}

interface Album {
  readonly id: number;
  /** What its writer was last told: who takes over the token must see the number. */
  acknowledged: { readonly number: number; readonly token: string };
}

type Report = { -readonly [Field in keyof HammerReport]: HammerReport[Field] } & {
  readonly stale: StaleAnswer[];
  readonly failures: Record<string, number>;
};

class Session {
  private token: string | undefined;
  /** The highest number seen or owed, per album. */
  private readonly atLeast = new Map<number, number>();

  constructor(
    private readonly load: Hammer,
    private readonly report: Report,
  ) {}

  async write(album: Album): Promise<void> {
    for (let number = 1; !this.load.signal.aborted; number += 1) {
      const written = await this.send('PUT', album.id, { title: this.load.prefix, artist: String(number) });
      if (written?.ok === true) {
        this.report.writes += 1;
        this.atLeast.set(album.id, number);
        album.acknowledged = { number, token: this.token ?? '' };
      }
      await this.look(album);
      await sleep(writerPauseMs);
    }
  }

  async read(albums: readonly Album[], first: number): Promise<void> {
    // A session that knows of nothing yet may be shown a replica on which no album was made.
    for (const album of albums) this.takeOver(album);
    for (let turn = first; !this.load.signal.aborted; turn += 1) {
      const album = albums[turn % albums.length] as Album;
      // Every seventh, a number that shares no factor with the albums, goes by what the writer has said.
      if (turn % 7 === 0) this.takeOver(album);
      await this.look(album);
    }
  }

  async readWithoutToken(albums: readonly Album[]): Promise<void> {
    for (let turn = 0; !this.load.signal.aborted; turn += 1) {
      this.token = undefined;
      const answer = await this.send('GET', (albums[turn % albums.length] as Album).id);
      if (answer !== undefined) this.report.tokenlessReads += 1;
    }
  }

  /** Several tokens count together. */
  private takeOver({ id, acknowledged }: Album): void {
    const { number, token } = acknowledged;
    this.token = this.token === undefined ? token : `${this.token}, ${token}`;
    this.atLeast.set(id, Math.max(number, this.atLeast.get(id) ?? 0));
  }

  private async look({ id }: Album): Promise<void> {
    const atLeast = this.atLeast.get(id) ?? 0;
    const answer = await this.send('GET', id);
    if (answer === undefined) return;
    const { saw, servedBy, cacheStatus } = answer;
    this.report.sessionReads += 1;
    if (cacheStatus?.includes('; hit') === true) this.report.sessionHits += 1;
    if (saw === 'nothing' || saw < atLeast) this.report.stale.push({ album: id, atLeast, saw, servedBy, cacheStatus });
    else this.atLeast.set(id, saw);
  }

  /** @returns undefined when the request was not answered with 2xx, or 404 for a read */
  private async send(method: 'GET' | 'PUT', album: number, body?: object) {
    try {
      const { token } = this;
      const request = { method, token, boundMs: requestTimeoutMs, ...(body === undefined ? {} : { body }) };
      const response = await requestInSession(`${this.load.url}/albums/${album}`, request);
      const { artist } = (await response.json()) as { artist?: string };
      const { ok, status, headers } = response;
      if (ok) this.token = headers.get('consistency-token') ?? this.token;
      const saw = artist === undefined ? ('nothing' as const) : Number(artist);
      if (ok || status === 404) {
        return { ok, saw, servedBy: headers.get('served-by'), cacheStatus: headers.get('cache-status') };
      }
      this.count(String(status));
    } catch (error) {
      this.count(errorClass(error));
    }
    return undefined;
  }

  private count(failure: string): void {
    this.report.failures[failure] = (this.report.failures[failure] ?? 0) + 1;
  }
}

async function createAlbum({ url, prefix }: Hammer): Promise<Album> {
  const response = await fetch(`${url}/albums`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ title: prefix, artist: '0' }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!response.ok) throw new Error(`creating an album: ${response.status}`);
  const { id } = (await response.json()) as { id: number };
  return { id, acknowledged: { number: 0, token: response.headers.get('consistency-token') ?? '' } };
}
