import type { EntityManager } from 'typeorm';
import type { AlbumRow } from './album.dto.js';
import type { AlbumInput } from './album.schema.js';

/** An album and its songs in one statement, so from one snapshot: no reader sees songs of two versions. */
const selectAlbums = `
  SELECT id, title, artist, created_at AS "createdAt", updated_at AS "updatedAt",
         ARRAY(SELECT json_build_object('position', position, 'title', title, 'durationSeconds', duration_seconds)
               FROM songs WHERE album_id = albums.id ORDER BY position) AS songs
  FROM albums`;

export const albumById = { name: 'album-by-id', text: `${selectAlbums} WHERE id = $1` };

export const albumPage = `${selectAlbums} WHERE id > $1 ORDER BY id LIMIT $2`;

export async function insertAlbum(manager: EntityManager, input: AlbumInput): Promise<AlbumRow> {
  const [album] = await manager.query<[Stored]>(
    `INSERT INTO albums (title, artist) VALUES ($1, $2) RETURNING ${storedColumns}`,
    [input.title, input.artist],
  );
  return { ...album, songs: await insertSongs(manager, album.id, input.songs) };
}

/**
 * Replaces an album and all its songs; undefined when there is no such album. The album's row is locked first, so concurrent
 * replacements of one album run one after the other, and each sees the songs of the one before.
 */
export async function replaceAlbum(
  manager: EntityManager,
  id: number,
  input: AlbumInput,
): Promise<AlbumRow | undefined> {
  const [[album]] = await manager.query<[Stored[], number]>(
    `UPDATE albums SET title = $2, artist = $3, updated_at = now() WHERE id = $1 RETURNING ${storedColumns}`,
    [id, input.title, input.artist],
  );
  if (album === undefined) return undefined;
  await manager.query('DELETE FROM songs WHERE album_id = $1', [id]);
  return { ...album, songs: await insertSongs(manager, id, input.songs) };
}

/** @returns whether there was one */
export async function deleteAlbum(manager: EntityManager, id: number): Promise<boolean> {
  const [, deleted] = await manager.query<[unknown, number]>('DELETE FROM albums WHERE id = $1', [id]);
  return deleted === 1;
}

type Stored = Omit<AlbumRow, 'songs'>;

const storedColumns = 'id, title, artist, created_at AS "createdAt", updated_at AS "updatedAt"';

async function insertSongs(manager: EntityManager, albumId: number, songs: AlbumInput['songs']) {
  await manager.query(
    `INSERT INTO songs (album_id, position, title, duration_seconds)
     SELECT $1, position, title, seconds
     FROM unnest($2::text[], $3::integer[]) WITH ORDINALITY AS song (title, seconds, position)`,
    [albumId, songs.map(({ title }) => title), songs.map(({ durationSeconds }) => durationSeconds)],
  );
  return songs.map((song, index) => ({ position: index + 1, ...song }));
}
