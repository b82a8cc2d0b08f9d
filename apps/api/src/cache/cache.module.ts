import { Module } from '@nestjs/common';
import { ConsistencyModule } from '../../../../libs/postgres-ha/src/index.js';
import { CacheFence } from './cache.fence.js';
import { CacheHooks } from './cache.hooks.js';
import { CacheStore } from './cache.store.js';
import { RedisConnection } from './redis.connection.js';

/** Answers kept in Redis, safe under replica lag. README.md says what that guarantees. */
@Module({
  imports: [ConsistencyModule],
  providers: [CacheHooks, CacheStore, CacheFence, RedisConnection],
  exports: [CacheHooks, CacheFence, RedisConnection],
})
export class CacheModule {}
