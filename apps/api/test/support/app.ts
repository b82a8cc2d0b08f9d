import { afterAll, beforeAll } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import request from 'supertest';
import { AppModule } from '../../src/app.module.js';
import { configureApp, createAdapter } from '../../src/app.setup.js';
import { createLogger, PinoLoggerService } from '../../../../libs/service-kit/src/pino.logger.js';
import { appEnvironment } from './environment.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const readyBoundMs = 30_000;

/** A service in this process, built as `main` builds it, on a free port. */
export class TestApp {
  private constructor(
    readonly nest: NestFastifyApplication,
    readonly url: string,
  ) {}

  /**
   * Starts the service as `main` does, without waiting for the database.
   *
   * @param onLogLine gets each line of the log, which then does not go to stdout. Set LOG_LEVEL too: it is silent by default
   */
  static async boot(
    overrides: Readonly<Record<string, string>> = {},
    onLogLine?: (line: Record<string, unknown>) => void,
  ): Promise<TestApp> {
    const environment = appEnvironment(overrides);
    const logger = createLogger(environment, onLogLine && { write: (line) => onLogLine(JSON.parse(line)) });
    const nest = await NestFactory.create<NestFastifyApplication>(
      AppModule.register(environment),
      createAdapter(environment, logger),
      { logger: new PinoLoggerService(logger), abortOnError: false },
    );
    await configureApp(nest);
    await nest.listen(0, '127.0.0.1');
    return new TestApp(nest, await nest.getUrl());
  }

  /** A supertest agent: `app.http.get('/products')`. */
  get http() {
    return request(this.url);
  }

  async untilReady(boundMs = readyBoundMs): Promise<void> {
    await until({ what: 'the service is ready', boundMs, everyMs: 50 }, async () => {
      const { status } = await this.http.get('/health/ready');
      return status === 200 ? true : undefined;
    });
  }

  async close(): Promise<void> {
    await this.nest.close();
  }
}

/** Starts one service for all tests of a file. @returns a function that gives it, for hooks and tests */
export function useApp(overrides: Readonly<Record<string, string>> = {}): () => TestApp {
  let app: TestApp | undefined;
  beforeAll(async () => {
    app = await TestApp.boot(overrides);
    await app.untilReady();
  }, readyBoundMs);
  afterAll(async () => {
    await app?.close();
  });
  return () => {
    if (app === undefined) throw new Error('the service has not been started');
    return app;
  };
}
