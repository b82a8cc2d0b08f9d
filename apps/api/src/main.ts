import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { configureApp, createAdapter } from './app.setup.js';
import { InvalidEnvironmentError, parseEnvironment, type Environment } from './config/environment.schema.js';
import { createLogger, PinoLoggerService } from '../../../libs/service-kit/src/pino.logger.js';

try {
  await boot(parseEnvironment(process.env));
} catch (error) {
  if (!(error instanceof InvalidEnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function boot(environment: Environment): Promise<void> {
  const logger = createLogger(environment);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(environment),
    createAdapter(environment, logger),
    { logger: new PinoLoggerService(logger) },
  );
  await configureApp(app);
  app.enableShutdownHooks();
  await app.listen(environment.PORT, environment.HOST);
}
