import { Injectable } from '@nestjs/common';
import { CacheInvalidation } from '../cache/cache.invalidation.js';
import { created, noContent, ok } from '../../../../libs/postgres-ha/src/index.js';
import { ReadFacade, WriteFacade } from '../../../../libs/postgres-ha/src/nest/index.js';
import { toPage } from '../pagination/page.dto.js';
import type { PageQuery } from '../pagination/page.schema.js';
import { notFound } from '../problem-details/not-found.js';
import { toAlbumDto, toAlbumItem, type AlbumRow } from './album.dto.js';
import { albumById, albumPage, deleteAlbum, insertAlbum, replaceAlbum } from './album.queries.js';
import type { AlbumInput } from './album.schema.js';

/** Name of albums in the cache. */
export const cachedAlbums = 'albums';

@Injectable()
export class AlbumsService {
  constructor(
    private readonly reads: ReadFacade,
    private readonly writes: WriteFacade,
    private readonly invalidation: CacheInvalidation,
  ) {}

  async create(input: AlbumInput) {
    const { body } = await this.writes.run(async (manager, served) => {
      const album = await insertAlbum(manager, input);
      return created(`/albums/${album.id}`, toAlbumDto(album, served));
    }, this.invalidation.changing(cachedAlbums));
    return body;
  }

  async list({ limit, after = 0 }: PageQuery) {
    const { value, served } = await this.reads.run((manager) =>
      manager.query<AlbumRow[]>(albumPage, [after, limit + 1]),
    );
    return toPage(value, limit, toAlbumItem, served);
  }

  async get(id: number) {
    const { value, served } = await this.reads.query<AlbumRow>({ ...albumById, values: [id] });
    return toAlbumDto(value[0] ?? notFound('album', id), served);
  }

  async replace(id: number, input: AlbumInput) {
    const { body } = await this.writes.run(
      async (manager, served) => {
        const album = await replaceAlbum(manager, id, input);
        return ok(toAlbumDto(album ?? notFound('album', id), served));
      },
      this.invalidation.changing(cachedAlbums, id),
    );
    return body;
  }

  async remove(id: number): Promise<void> {
    await this.writes.run(
      async (manager) => {
        if (!(await deleteAlbum(manager, id))) notFound('album', id);
        return noContent;
      },
      this.invalidation.changing(cachedAlbums, id),
    );
  }
}
