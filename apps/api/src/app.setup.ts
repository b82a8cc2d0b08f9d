import { randomUUID } from 'node:crypto';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { LogController } from 'fastify';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { readKeyPair } from '../../../libs/service-kit/src/tls.files.js';
import { CacheHooks } from './cache/cache.hooks.js';
import { ENVIRONMENT } from './config/config.module.js';
import type { Environment } from './config/environment.schema.js';
import { negotiate } from '../../../libs/postgres-ha/src/nest/index.js';
import { Metrics } from './observability/metrics.js';
import { observeRequests } from './observability/request.hooks.js';
import { Tracing } from './observability/tracing.js';
import { parseBodies } from './problem-details/body.parser.js';
import { answerOtherMethods } from './problem-details/method.hooks.js';
import { ProblemFilter } from './problem-details/problem.filter.js';
import { answerUnreadable, answerUnroutable } from './problem-details/problem.server.js';
import { validationPipe } from './problem-details/validation.pipe.js';

/** Made once, because the headers never vary. Headers that matter only to pages, to TLS or to old browsers are left out. */
const secure = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      objectSrc: ["'none'"],
      frameAncestors: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      styleSrc: ["'self'", "'unsafe-inline'"],
    },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});

/** A request id from the client is used only if it cannot forge a log line. */
const requestIdPattern = /^[\w.:-]{1,128}$/;

/** The HTTP server, with limits and logging set the way `main` and every e2e test use it. */
export function createAdapter(environment: Environment, logger: Logger): FastifyAdapter {
  const pair = readKeyPair('HTTP_TLS', environment);
  return new FastifyAdapter({
    ...(pair && { https: { cert: pair.certificate, key: pair.key } }),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: environment.BODY_LIMIT_BYTES,
    return503OnClosing: false,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
    genReqId: ({ headers }: { headers: Record<string, unknown> }) => {
      const offered = headers['x-request-id'];
      return typeof offered === 'string' && requestIdPattern.test(offered) ? offered : randomUUID();
    },
  });
}

/** Everything between the router and the handlers. */
export async function configureApp(app: NestFastifyApplication): Promise<NestFastifyApplication> {
  const fastify = app.getHttpAdapter().getInstance();
  app.get(Tracing).follow(fastify);
  fastify.addHook('onRequest', (request, reply, done) => secure(request.raw, reply.raw, done as () => void));
  parseBodies(app, app.get<Environment>(ENVIRONMENT).BODY_LIMIT_BYTES);
  observeRequests(fastify, app.get(Metrics));
  answerOtherMethods(fastify);
  app.get(CacheHooks).serve(fastify);
  negotiate(app);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter());
  const description = new DocumentBuilder()
    .setTitle('PostgreSQL HA lab')
    .setDescription('Reads from replicas, writes to the leader, and says who answered.')
    .setVersion(app.get<Environment>(ENVIRONMENT).APP_VERSION)
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description));
  return app;
}
