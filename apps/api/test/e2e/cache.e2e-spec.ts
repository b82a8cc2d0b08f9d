import { afterAll, describe, expect, it } from '@jest/globals';
import type { TestApp } from '../support/app.js';
import { useApp } from '../support/app.js';
import { deleteAlbums } from '../support/albums.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';

/** Generous, so that a busy machine does not turn a hit into a read without the cache. */
const patient = { REDIS_TIMEOUT_MS: '2000' };
const app = useApp(patient);
const other = useApp(patient);
const prefix = uniqueName('cache');
/** The number of reads of the session that reads while others write. */
const rounds = 30;
const otherWriters = 4;

const hit = /^pg-ha-lab; hit; ttl=\d+$/;
const stored = 'pg-ha-lab; fwd=uri-miss; stored';

afterAll(() => deleteAlbums(prefix));

interface Written {
  readonly path: string;
  readonly token: string;
}

const body = (artist = 'first') => ({
  title: `${prefix} album`,
  artist,
  songs: [{ title: 'song', durationSeconds: 1 }],
});

async function create(): Promise<Written> {
  const { headers } = await app().http.post('/albums').send(body()).expect(201);
  return { path: String(headers['location']), token: tokenOf(headers) };
}

async function replace({ path }: Written, artist: string): Promise<Written> {
  const { headers } = await app().http.put(path).send(body(artist)).expect(200);
  return { path, token: tokenOf(headers) };
}

const tokenOf = (headers: Record<string, unknown>) => String(headers['consistency-token']);
const read = ({ path, token }: Written, { http }: TestApp = app()) => http.get(path).set('Consistency-Token', token);

describe('GET /albums/{id}', () => {
  it('is cached by the first read, and the next reads are answered from the cache, on either instance', async () => {
    const album = await create();
    const first = await read(album).expect(200);
    expect(first.headers['cache-status']).toBe(stored);
    for (const instance of [app(), other()]) {
      const next = await read(album, instance).expect(200);
      expect(next.headers['cache-status']).toMatch(hit);
      expect(next.headers['served-by']).toBe(`${first.headers['served-by']}; cache`);
      expect(next.headers['content-type']).toBe(first.headers['content-type']);
      expect(next.text).toBe(first.text);
    }
  });

  it('is cached for at most 60 s, and the answer says for how long it still is', async () => {
    const album = await create();
    await read(album).expect(200);
    const { headers } = await read(album).expect(200);
    const ttl = Number(/ttl=(\d+)/.exec(String(headers['cache-status']))?.[1]);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(60);
  });

  it('shows a writer what it wrote, and is cached again', async () => {
    let album = await create();
    await read(album);
    for (const artist of ['second', 'third', 'fourth']) {
      album = await replace(album, artist);
      const first = await read(album, other()).expect(200);
      expect(first.body).toMatchObject({ artist });
      expect(first.headers['cache-status']).toBe(stored);
      expect((await read(album).expect(200)).headers['cache-status']).toMatch(hit);
    }
  });

  it('is not answered from the old cache entry after a change, even to clients that do not know of the change', async () => {
    const album = await create();
    await read(album).expect(200);
    await replace(album, 'second');
    const { headers } = await other().http.get(album.path).expect(200);
    expect(headers['cache-status']).not.toMatch(hit);
  });

  it('caches that an album does not exist, and the problem has the id of its own request', async () => {
    const album = await create();
    await read(album).expect(200);
    const deleted = await app().http.delete(album.path).expect(204);
    const gone = { ...album, token: tokenOf(deleted.headers) };
    expect((await read(gone).expect(404)).headers['cache-status']).toBe(stored);
    const next = await read(gone).set('X-Request-Id', 'mine').expect(404);
    expect(next.headers['cache-status']).toMatch(hit);
    expect(next.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(next.body).toMatchObject({ code: 'album_not_found', requestId: 'mine', instance: album.path });
  });

  it('is read again when the cache entry is older than the token, and the new entry serves that token', async () => {
    const album = await create();
    await read(album).expect(200);
    const later = { ...album, token: (await create()).token };
    expect((await read(later).expect(200)).headers['cache-status']).toBe('pg-ha-lab; fwd=stale; stored');
    expect((await read(later).expect(200)).headers['cache-status']).toMatch(hit);
  });

  it('is still answered to a session from the cache while other albums are written', async () => {
    const albums = [await create(), await create()];
    let { token } = albums[1] as Written;
    const race = { isOver: false };
    const others = Array.from({ length: otherWriters }, async () => {
      while (!race.isOver) await create();
    });
    let hits = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const { path } of albums) {
        const { headers } = await read({ path, token }).expect(200);
        token = tokenOf(headers);
        if (hit.test(String(headers['cache-status']))) hits += 1;
      }
    }
    race.isOver = true;
    await Promise.all(others);
    // The first reads find entries that are not yet proven to be as new as the token.
    expect(hits).toBeGreaterThanOrEqual(rounds * albums.length * 0.75);
  });

  it('is read from the leader, and not from the cache, for a strong read', async () => {
    const album = await create();
    await read(album).expect(200);
    const { headers } = await read(album).set('Read-Consistency', 'strong').expect(200);
    expect(headers['cache-status']).toBe('pg-ha-lab; fwd=bypass');
    expect(headers['served-by']).toMatch(/; leader$/);
  });

  it('is answered to an eventual read from the cache, without a token', async () => {
    const album = await create();
    await read(album).expect(200);
    const { headers } = await app().http.get(album.path).set('Read-Consistency', 'eventual').expect(200);
    expect(headers['cache-status']).toMatch(hit);
    expect(headers['consistency-token']).toBeUndefined();
  });

  it('is refused with 400 to a forged token, although the album is cached', async () => {
    const album = await create();
    await read(album).expect(200);
    await app().http.get(album.path).set('Consistency-Token', album.token.replace(/.$/, '!')).expect(400);
  });

  it('refuses a malformed id with 400, without the cache', async () => {
    for (const id of ['abc', '0', '1.5']) {
      const { headers } = await app().http.get(`/albums/${id}`).expect(400);
      expect(headers['cache-status']).toBe('pg-ha-lab; fwd=bypass');
    }
  });

  it('is read from the database once when fifty requests ask for it at once', async () => {
    const album = await create();
    const answers = await Promise.all(Array.from({ length: 50 }, () => read(album).expect(200)));
    const statuses = answers.map(({ headers }) => String(headers['cache-status']));
    expect(statuses.filter((status) => status === stored)).toHaveLength(1);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });
});

describe('Other routes', () => {
  it('do not use the cache', async () => {
    const { headers } = await app().http.get('/albums?limit=1').expect(200);
    expect(headers['cache-status']).toBeUndefined();
  });
});

describe('GET /metrics', () => {
  it('counts hits, misses, fills and the time of each use', async () => {
    const album = await create();
    await read(album);
    await read(album);
    const { text } = await app().http.get('/metrics').expect(200);
    for (const result of ['hit', 'miss']) {
      expect(text).toMatch(new RegExp(`^pgha_cache_requests_total\\{result="${result}"\\} [1-9]`, 'm'));
    }
    expect(text).toMatch(/^pgha_cache_fills_total\{outcome="stored"\} [1-9]/m);
    expect(text).toMatch(/^pgha_cache_operation_seconds_count\{operation="find"\} [1-9]/m);
  });
});
