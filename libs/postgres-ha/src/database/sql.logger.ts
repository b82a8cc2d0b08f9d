import { Logger } from '@nestjs/common';
import type { Logger as TypeOrmLogger } from 'typeorm';
import type { DataSourceName } from './data-source.options.js';

/** Passes slow queries and errors of the pool from TypeORM's log to the service's, never parameters. */
export class SqlLogger implements TypeOrmLogger {
  private readonly logger = new Logger('Sql');

  constructor(private readonly dataSource: DataSourceName) {}

  logQuery(): void {}

  /** Not logged here: the façades decide what a failed statement means, and the problem filter logs what they could not mend. */
  logQueryError(): void {}

  logQuerySlow(durationMs: number, query: string): void {
    this.logger.warn({ event: 'slow_query', dataSource: this.dataSource, durationMs, query });
  }

  logSchemaBuild(): void {}

  logMigration(message: string): void {
    this.logger.log(message);
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.logger.warn({ event: 'database_warning', dataSource: this.dataSource, message });
  }
}
