import { z } from 'zod';
import { servedBySchema } from '../pagination/served.schema.js';
import { type Served, servedByFields } from '../../../../libs/postgres-ha/src/index.js';
import { pageDtoSchema } from '../pagination/page.dto.js';
import { idSchema } from '../problem-details/request.schema.js';

const albumSongSchema = z.object({
  position: z.number().int().min(1),
  title: z.string(),
  durationSeconds: z.number().int().nullable().describe('Null where none was given.'),
});

const bareAlbumSchema = z.object({
  id: idSchema,
  title: z.string(),
  artist: z.string().nullable().describe('Null where none was given.'),
  songs: z.array(albumSongSchema).describe('In the order of `position`.'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** An album as it is answered. */
export const albumDtoSchema = bareAlbumSchema.extend(servedBySchema);

/** A page of albums. */
export const albumPageDtoSchema = pageDtoSchema(bareAlbumSchema);

type BareAlbum = z.output<typeof bareAlbumSchema>;

/** An album as PostgreSQL answers it. */
export interface AlbumRow extends Omit<BareAlbum, 'createdAt' | 'updatedAt'> {
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function toAlbumItem({ createdAt, updatedAt, ...album }: AlbumRow): BareAlbum {
  return { ...album, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

export function toAlbumDto(album: AlbumRow, served: Served): z.output<typeof albumDtoSchema> {
  return { ...toAlbumItem(album), ...servedByFields(served) };
}
