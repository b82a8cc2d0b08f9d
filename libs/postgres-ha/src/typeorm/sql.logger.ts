import type { Logger as TypeOrmLogger } from 'typeorm';
import type { Logger } from '../options/logger.js';
import type { DataSourceName } from './data-source.options.js';

/** Passes slow queries and warnings from TypeORM's log to the application's, never parameters. */
export class SqlLogger implements TypeOrmLogger {
  constructor(
    private readonly dataSource: DataSourceName,
    private readonly logger: Logger,
  ) {}

  logQuery(): void {}

  /** Not logged here: reads and writes decide what a failed statement means, and the application logs what they could not mend. */
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
