import { Logger } from '@nestjs/common';
import type { Logger as TypeOrmLogger } from 'typeorm';
import type { DataSourceName } from './data-source.options.js';

/** Sends what matters of TypeORM's log to the service's: slow queries and pool trouble, never parameters. */
export class SqlLogger implements TypeOrmLogger {
  private readonly logger = new Logger('Sql');

  constructor(private readonly dataSource: DataSourceName) {}

  logQuery(): void {}

  /** The façades decide what a failed statement means, and the problem filter logs what is left. */
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
