import { Module } from '@nestjs/common';
import { SchemaMigrator } from './schema.migrator.js';

/** The schema of this service, and what brings it up to date. */
@Module({ providers: [SchemaMigrator], exports: [SchemaMigrator] })
export class MigrationsModule {}
