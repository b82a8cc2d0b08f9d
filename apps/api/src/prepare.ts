import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { backoffMs, codeOf } from '../../../libs/postgres-ha/src/index.js';
import { createLogger, PinoLoggerService } from '../../../libs/service-kit/src/pino.logger.js';
import { InvalidEnvironmentError, parseEnvironment, type Environment } from './config/environment.schema.js';
import { installFunctions } from './migrations/functions.installer.js';
import { SchemaMigrator } from './migrations/schema.migrator.js';

// Brings a database that somebody else has made, an operator for example, to what the service needs, then ends: functions, rights of the
// service's login, tables. May be repeated. It is what the Job of infra/kubernetes runs; the service then runs without the owner's password.

/** A new cluster takes a few minutes until it has a leader and its logins. */
const patienceMs = 600_000;

try {
  const environment = parseEnvironment(process.env);
  if (environment.DB_OWNER_PASSWORD === undefined)
    throw new InvalidEnvironmentError(['DB_OWNER_PASSWORD: is required to prepare a database']);
  Logger.overrideLogger(new PinoLoggerService(createLogger(environment)));
  await prepareWithin(environment, new Logger('Prepare'));
} catch (error) {
  console.error(error instanceof InvalidEnvironmentError ? error.message : `not prepared (${codeOf(error)})`);
  process.exitCode = 1;
}

async function prepareWithin(environment: Environment, logger: Logger): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (let failures = 0; ; failures += 1) {
    try {
      const files = await installFunctions(environment);
      if (files.length > 0) logger.log(`installed functions: ${files.join(', ')}`);
      await new SchemaMigrator(environment).prepare();
      logger.log('the database is prepared');
      return;
    } catch (error) {
      const delayMs = backoffMs(failures, { baseMs: 500, maxMs: 5_000 });
      if (performance.now() + delayMs > deadlineMs) throw error;
      // The message, too: a statement that PostgreSQL refuses is to be mended by whoever reads this.
      logger.warn(`not prepared yet (${codeOf(error)}: ${(error as Error).message}), next attempt in ${delayMs} ms`);
      await sleep(delayMs);
    }
  }
}
