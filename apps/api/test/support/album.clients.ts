import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryRecorder } from '../../../../libs/chaos/src/history/history.recorder.js';
import type { Completion, Operation } from '../../../../libs/chaos/src/history/operation.js';
import { classifyError } from '../../../../libs/chaos/src/load/http.outcome.js';
import { requestInSession } from './session.request.js';

/** Clients of albums. Each album has one writer. */
export interface AlbumLoad {
  readonly url: string;
  readonly prefix: string;
  readonly albums: number;
  readonly readers: number;
  readonly tokenlessReaders: number;
  readonly recorder: HistoryRecorder;
  readonly signal: AbortSignal;
}

/** What was seen and is not in the history. */
export interface AlbumCounts {
  /** Answered reads of sessions, and how many of them the cache answered. */
  sessionReads: number;
  sessionHits: number;
  /** Answered reads of clients that send no token. */
  tokenlessReads: number;
}

const requestTimeoutMs = 30_000;
/** A writer pauses this long, so that its album is read several times between two writes. */
const writerPauseMs = 40;

/**
 * Three kinds of clients. Writers put growing numbers into albums and read them back. Readers with a token read all albums; now and
 * then they take over the token of a writer, and must then see what it wrote. Readers without a token reach any replica, so they
 * bring old answers to the cache. In the history an album is a register.
 */
export async function useAlbums(load: AlbumLoad): Promise<AlbumCounts> {
  const counts: AlbumCounts = { sessionReads: 0, sessionHits: 0, tokenlessReads: 0 };
  const albums = await Promise.all(Array.from({ length: load.albums }, (_, index) => createAlbum(load, index)));
  const client = (kind: string, index: number) => new AlbumClient(`${kind}${index}`, load, counts);
  const repeat = (count: number, live: (index: number) => Promise<void>) =>
    Array.from({ length: count }, (_, index) => live(index));
  await Promise.all([
    ...albums.map((album, index) => client('writer', index).write(album)),
    ...repeat(load.readers, (index) => client('reader', index).read(albums, index)),
    ...repeat(load.tokenlessReaders, (index) => client('tokenless', index).readWithoutToken(albums)),
  ]);
  return counts;
}

interface Album {
  readonly id: number;
  /** The last token and number of its writer. A reader that takes over the token must see the number. */
  acknowledged: { readonly number: number; readonly token: string };
}

const keyOf = (id: number): string => `album-${id}`;

class AlbumClient {
  private token: string | undefined;
  /** The highest number written, shown or taken over, by album. */
  private readonly known = new Map<number, number>();

  constructor(
    private readonly session: string,
    private readonly load: AlbumLoad,
    private readonly counts: AlbumCounts,
  ) {}

  async write(album: Album): Promise<void> {
    for (let number = 1; !this.load.signal.aborted; number += 1) {
      const { outcome } = await this.put(album.id, number);
      if (outcome === 'ok') album.acknowledged = { number, token: this.token ?? '' };
      await this.look(album);
      await sleep(writerPauseMs);
    }
  }

  async read(albums: readonly Album[], first: number): Promise<void> {
    // Without any token a session may reach a replica that has not replayed the creation of the albums.
    for (const album of albums) this.takeOver(album);
    for (let turn = first; !this.load.signal.aborted; turn += 1) {
      const album = albums[turn % albums.length] as Album;
      // Every seventh read takes over the writer's token. 7 shares no factor with the number of albums, so each album gets its turn.
      if (turn % 7 === 0) this.takeOver(album);
      await this.look(album);
    }
  }

  async readWithoutToken(albums: readonly Album[]): Promise<void> {
    for (let turn = 0; !this.load.signal.aborted; turn += 1) {
      this.token = undefined;
      const { outcome } = await this.get((albums[turn % albums.length] as Album).id, 'eventual');
      if (outcome === 'ok') this.counts.tokenlessReads += 1;
    }
  }

  /** Adds a writer's token to those of a session. In the history the session has then seen what the writer wrote. */
  private takeOver({ id, acknowledged }: Album): void {
    const { number, token } = acknowledged;
    this.token = this.token === undefined ? token : `${this.token}, ${token}`;
    if (number <= (this.known.get(id) ?? -1)) return;
    this.known.set(id, number);
    this.begin('read', id, { consistency: 'session' }).end({ outcome: 'ok', value: number });
  }

  private async look({ id }: Album): Promise<void> {
    const { outcome, value, isHit } = await this.get(id, 'session');
    if (outcome !== 'ok') return;
    this.counts.sessionReads += 1;
    if (isHit) this.counts.sessionHits += 1;
    this.known.set(id, Math.max(value ?? -1, this.known.get(id) ?? -1));
  }

  private async put(id: number, number: number): Promise<Completion> {
    const pending = this.begin('write', id, { value: number });
    const { completion } = await this.send('PUT', id, { title: this.load.prefix, artist: String(number) });
    pending.end(completion);
    if (completion.outcome === 'ok') this.known.set(id, number);
    return completion;
  }

  private async get(id: number, consistency: 'session' | 'eventual') {
    const pending = this.begin('read', id, { consistency });
    const { completion, isHit } = await this.send('GET', id);
    pending.end(completion);
    return { ...completion, isHit };
  }

  private begin(action: Operation['action'], id: number, rest: Pick<Operation, 'value' | 'consistency'>) {
    const { session } = this;
    return this.load.recorder.begin({ session, channel: 'http', action, row: 'register', key: keyOf(id), ...rest });
  }

  private async send(
    method: 'GET' | 'PUT',
    id: number,
    body?: object,
  ): Promise<{ completion: Completion; isHit: boolean }> {
    const isRead = method === 'GET';
    try {
      const { token } = this;
      const request = { method, token, boundMs: requestTimeoutMs, ...(body === undefined ? {} : { body }) };
      const response = await requestInSession(`${this.load.url}/albums/${id}`, request);
      const { artist } = (await response.json()) as { artist?: string };
      const { ok, status: httpStatus, headers } = response;
      if (ok) this.token = headers.get('consistency-token') ?? this.token;
      const isHit = headers.get('cache-status')?.includes('; hit') === true;
      // 404 is an answer here: the replica does not have the album yet.
      if (isRead && (ok || httpStatus === 404))
        return { completion: { outcome: 'ok', httpStatus, value: ok ? Number(artist) : null }, isHit };
      if (ok) return { completion: { outcome: 'ok', httpStatus }, isHit };
      const outcome = isRead ? 'failed' : 'unknown';
      return { completion: { outcome, httpStatus, errorClass: `http_${httpStatus}` }, isHit };
    } catch (error) {
      return { completion: classifyError(isRead ? 'read' : 'write', error), isHit: false };
    }
  }
}

async function createAlbum({ url, prefix, recorder }: AlbumLoad, index: number): Promise<Album> {
  const body = { title: prefix, artist: '0' };
  const request = { method: 'POST', token: undefined, body, boundMs: requestTimeoutMs } as const;
  const response = await requestInSession(`${url}/albums`, request);
  if (!response.ok) throw new Error(`creating album ${index}: ${response.status}`);
  const { id } = (await response.json()) as { id: number };
  const creation = { session: 'setup', channel: 'http', action: 'write', row: 'register', key: keyOf(id) } as const;
  recorder.begin({ ...creation, value: 0 }).end({ outcome: 'ok', httpStatus: response.status });
  return { id, acknowledged: { number: 0, token: response.headers.get('consistency-token') ?? '' } };
}
