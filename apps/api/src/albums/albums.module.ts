import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { ConsistencyModule, TransactionsModule } from '../../../../libs/postgres-ha/src/index.js';
import { AlbumsController } from './albums.controller.js';
import { AlbumsService } from './albums.service.js';

@Module({
  imports: [ConsistencyModule, TransactionsModule, CacheModule],
  controllers: [AlbumsController],
  providers: [AlbumsService],
})
export class AlbumsModule {}
