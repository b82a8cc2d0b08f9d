import { Module } from '@nestjs/common';
import { CacheInvalidation } from './cache.invalidation.js';
import { CacheHooks } from './cache.hooks.js';
import { CacheStore } from './cache.store.js';
import { RedisConnection } from './redis.connection.js';

/** Answers kept in Redis, safe under replica lag. README.md says what that guarantees. */
@Module({
  providers: [CacheHooks, CacheStore, CacheInvalidation, RedisConnection],
  exports: [CacheHooks, CacheInvalidation, RedisConnection],
})
export class CacheModule {}
