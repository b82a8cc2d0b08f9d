import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Cached } from '../cache/cached.decorator.js';
import { pageQuerySchema, type PageQuery } from '../pagination/page.schema.js';
import { idParamsSchema, type IdParams } from '../problem-details/request.schema.js';
import { albumDtoSchema, albumPageDtoSchema } from './album.dto.js';
import { albumSchema, type AlbumInput } from './album.schema.js';
import { AlbumsService, cachedAlbums } from './albums.service.js';

@ApiTags('albums')
@Controller('albums')
export class AlbumsController {
  constructor(private readonly albums: AlbumsService) {}

  @Post()
  @ApiOperation({ summary: 'Create an album with its songs on the leader.' })
  @ApiCreatedResponse({ standardSchema: albumDtoSchema })
  create(@Body({ schema: albumSchema }) input: AlbumInput) {
    return this.albums.create(input);
  }

  @Get()
  @ApiOperation({ summary: 'List albums with their songs by id, a page at a time.' })
  @ApiOkResponse({ standardSchema: albumPageDtoSchema })
  list(@Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.albums.list(query);
  }

  @Get(':id')
  @Cached({ collection: cachedAlbums, ttlSeconds: 60 })
  @ApiOperation({ summary: 'Get one album with its songs, from the cache where that is new enough.' })
  @ApiOkResponse({ standardSchema: albumDtoSchema })
  get(@Param({ schema: idParamsSchema }) { id }: IdParams) {
    return this.albums.get(id);
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replace an album and all its songs.' })
  @ApiOkResponse({ standardSchema: albumDtoSchema })
  replace(@Param({ schema: idParamsSchema }) { id }: IdParams, @Body({ schema: albumSchema }) input: AlbumInput) {
    return this.albums.replace(id, input);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an album and its songs.' })
  @ApiNoContentResponse()
  remove(@Param({ schema: idParamsSchema }) { id }: IdParams) {
    return this.albums.remove(id);
  }
}
