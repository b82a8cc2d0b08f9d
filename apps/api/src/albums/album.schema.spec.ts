import { describe, expect, it } from '@jest/globals';
import { albumSchema } from './album.schema.js';

const song = { title: 'Song 1', durationSeconds: null };

describe('What a client says of an album', () => {
  it.each([
    ['a title', { title: 'a' }, { title: 'a', artist: null, songs: [] }],
    ['null for an artist', { title: 'a', artist: null }, { title: 'a', artist: null, songs: [] }],
    ['songs of titles', { title: 'a', songs: [{ title: 'Song 1' }] }, { title: 'a', artist: null, songs: [song] }],
    ['null for a duration', { title: 'a', songs: [song] }, { title: 'a', artist: null, songs: [song] }],
  ])('may be no more than this: %s', (_, input, expected) => expect(albumSchema.parse(input)).toEqual(expected));

  it.each([
    ['null for songs', { songs: null }, 'songs'],
    ['null for a song', { songs: [null] }, 'songs.0'],
    ['null for a title', { title: null }, 'title'],
    ['an artist of blanks', { artist: '  ' }, 'artist'],
    ['an empty artist', { artist: '' }, 'artist'],
    ['a duration as text', { songs: [{ title: 'a', durationSeconds: '60' }] }, 'songs.0.durationSeconds'],
    ['an empty duration', { songs: [{ title: 'a', durationSeconds: '' }] }, 'songs.0.durationSeconds'],
    ['an unknown member of a song', { songs: [{ title: 'a', length: 60 }] }, 'songs.0'],
    ['an id of its own', { id: 1 }, ''],
  ])(
    'is refused when a member is neither left out nor valid, and the problem names its place: %s',
    (_, more, place) => {
      const { error } = albumSchema.safeParse({ title: 'a', ...more });
      expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([place]);
    },
  );
});
