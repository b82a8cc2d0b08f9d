import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { AlbumsController } from './albums.controller.js';
import { AlbumsService } from './albums.service.js';

@Module({
  imports: [CacheModule],
  controllers: [AlbumsController],
  providers: [AlbumsService],
})
export class AlbumsModule {}
