import { afterAll, describe, expect, it } from '@jest/globals';
import { useApp } from '../support/app.js';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

const app = useApp();
const prefix = uniqueName('albums');
const absent = '/albums/2147483647';

interface Album {
  readonly id: number;
  readonly title: string;
  readonly songs: readonly { readonly position: number; readonly title: string; readonly durationSeconds: number }[];
}

const song = (title: string, durationSeconds = 60) => ({ title, durationSeconds });
const album = (title: string, ...songs: object[]) => ({ title: `${prefix} ${title}`, artist: 'Nobody', songs });

const onLeader = async (sql: string) => psql(await openLab().leader(), sql);

afterAll(() => onLeader(`DELETE FROM albums WHERE starts_with(title, '${prefix}')`));

async function create(input: object): Promise<Album> {
  return (await app().http.post('/albums').send(input).expect(201)).body as Album;
}

/** Reads are eventual; these tests are about albums, so they ask the leader. */
const read = (path: string) => app().http.get(path).set('Read-Consistency', 'strong');

describe('An album', () => {
  it('is created with its songs in their order, with a Location that leads to it', async () => {
    const input = album('new', song('one', 1), song('“zwei” 😀', 86_400));
    const response = await app().http.post('/albums').send(input).expect(201);
    const { id } = response.body as Album;
    expect(response.body).toMatchObject({
      ...input,
      songs: [
        { position: 1, title: 'one', durationSeconds: 1 },
        { position: 2, title: '“zwei” 😀', durationSeconds: 86_400 },
      ],
      servedBy: { role: 'leader' },
    });
    expect(response.headers['location']).toBe(`/albums/${id}`);
    const { body } = await read(`/albums/${id}`).expect(200);
    expect(body).toEqual(response.body);
  });

  it('may have no songs', async () => {
    const { id } = await create({ title: `${prefix} silence`, artist: 'Nobody' });
    const { body } = await read(`/albums/${id}`).expect(200);
    expect(body).toMatchObject({ songs: [] });
  });

  it('needs only titles: an artist or a duration that is left out or null is stored as null', async () => {
    const title = `${prefix} titles only`;
    const { id, ...created } = await create({ title, songs: [{ title: 'Song 1' }] });
    const expected = { title, artist: null, songs: [{ position: 1, title: 'Song 1', durationSeconds: null }] };
    expect(created).toMatchObject(expected);
    const path = `/albums/${id}`;
    expect((await read(path).expect(200)).body).toMatchObject(expected);
    await app()
      .http.put(path)
      .send(album('titles and more', song('Song 1')))
      .expect(200);
    const songs = [{ title: 'Song 1', durationSeconds: null }];
    await app().http.put(path).send({ title, artist: null, songs }).expect(200);
    expect((await read(path).expect(200)).body).toMatchObject(expected);
    // Answered first from PostgreSQL, then from the cache.
    for (let look = 0; look < 2; look += 1) {
      expect((await app().http.get(path).expect(200)).body).toMatchObject(expected);
    }
  });

  it('is replaced with all its songs, also by one with more or fewer songs', async () => {
    const { id } = await create(album('old', song('a'), song('b'), song('c')));
    for (const titles of [['d'], ['e', 'f', 'g', 'h'], []]) {
      const input = album('replaced', ...titles.map((title) => song(title)));
      const replaced = await app().http.put(`/albums/${id}`).send(input).expect(200);
      const { body } = await read(`/albums/${id}`).expect(200);
      expect(body).toEqual(replaced.body);
      expect((body as Album).songs.map(({ title }) => title)).toEqual(titles);
    }
  });

  it('is always one of the written versions, never a mixture, while eight clients replace it at once', async () => {
    const { id } = await create(album('contended', song('0'), song('0')));
    const versions = Array.from({ length: 8 }, (_, version) => String(version));
    const race = { isOver: false };
    const replacing = Promise.all(
      versions.map(async (version) => {
        const songs = Array.from({ length: Number(version) + 1 }, () => song(version));
        await app()
          .http.put(`/albums/${id}`)
          .send({ ...album('contended'), artist: version, songs })
          .expect(200);
      }),
    ).finally(() => (race.isOver = true));
    while (!race.isOver) {
      const { artist, songs } = (await read(`/albums/${id}`).expect(200)).body as Album & { artist: string };
      const expected = artist === 'Nobody' ? { title: '0', count: 2 } : { title: artist, count: Number(artist) + 1 };
      expect(songs.map(({ title }) => title)).toEqual(Array.from({ length: expected.count }, () => expected.title));
    }
    await replacing;
  });

  it('is deleted with its songs', async () => {
    const { id } = await create(album('gone', song('a')));
    await app().http.delete(`/albums/${id}`).expect(204);
    await app().http.delete(`/albums/${id}`).expect(404);
    await read(`/albums/${id}`).expect(404);
    expect(await onLeader(`SELECT count(*) FROM songs WHERE album_id = ${id}`)).toEqual(['0']);
  });

  it.each([
    ['read', () => app().http.get(absent)],
    ['replaced', () => app().http.put(absent).send(album('absent'))],
    ['deleted', () => app().http.delete(absent)],
  ])('that is absent cannot be %s', async (_, send) => {
    const { body } = await send().expect(404);
    expect(body).toMatchObject({ code: 'album_not_found' });
  });

  it.each([
    ['no title', { artist: 'a' }, ['title']],
    ['an empty artist', { title: 'a', artist: ' ' }, ['artist']],
    ['a song without a title', album('a', { durationSeconds: 1 }), ['songs.0.title']],
    ['a song of no length', album('a', song('a'), song('b', 0)), ['songs.1.durationSeconds']],
    ['a song longer than a day', album('a', song('a', 86_401)), ['songs.0.durationSeconds']],
    ['half a surrogate pair in a song', album('a', song('\ud800')), ['songs.0.title']],
    ['more than 100 songs', album('a', ...Array.from({ length: 101 }, () => song('a'))), ['songs']],
    ['songs that are no list', { ...album('a'), songs: 'a' }, ['songs']],
  ])('of %s is refused, and named', async (_, input, paths) => {
    const { body } = await app().http.post('/albums').send(input).expect(400);
    expect(body).toMatchObject({ code: 'validation_failed' });
    expect((body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(paths);
  });

  it('is created once, however often its request is sent with the same Idempotency-Key', async () => {
    const send = () =>
      app()
        .http.post('/albums')
        .set('Idempotency-Key', prefix)
        .send(album('once', song('a')));
    const first = await send().expect(201);
    expect((await send().expect(201)).body).toEqual(first.body);
    expect(await onLeader(`SELECT count(*) FROM albums WHERE title = '${prefix} once'`)).toEqual(['1']);
  });
});

describe('The list of albums', () => {
  it('gives every album once, in order and with its songs, when it is read page by page', async () => {
    const created: Album[] = [];
    for (const number of ['1', '2', '3', '4', '5']) created.push(await create(album(`page ${number}`, song(number))));
    const seen: Album[] = [];
    let after: number | null = Number(created[0]?.id) - 1;
    while (after !== null) {
      const { body } = await read(`/albums?limit=2&after=${after}`).expect(200);
      const page = body as { items: Album[]; nextAfter: number | null };
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items);
      after = page.nextAfter;
    }
    const ids = seen.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    const mine = seen.filter(({ title }) => title.startsWith(`${prefix} page`));
    expect(mine.map(({ songs }) => songs[0]?.title)).toEqual(['1', '2', '3', '4', '5']);
  });
});
