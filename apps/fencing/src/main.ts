import { InvalidEnvironmentError, parseVariables } from '../../../libs/service-kit/src/environment.parser.js';
import { createLogger } from '../../../libs/service-kit/src/pino.logger.js';
import { DockerClient } from './docker.client.js';
import { EtcdLease } from './etcd.lease.js';
import { Fencer } from './fencer.js';
import { fencingSchema, type FencingEnvironment } from './fencing.environment.js';
import { FencingMetrics } from './fencing.metrics.js';
import { serveStatus } from './status.server.js';

try {
  await run(parseVariables(fencingSchema, process.env));
} catch (error) {
  if (!(error instanceof InvalidEnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function run(environment: FencingEnvironment): Promise<void> {
  const logger = createLogger(environment);
  const metrics = new FencingMetrics();
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => stopping.abort());
  const server = serveStatus(environment.PORT, metrics);
  const docker = new DockerClient(environment);
  await new Fencer(environment, docker, new EtcdLease(environment), metrics, logger).run(stopping.signal);
  server.close();
  server.closeAllConnections();
  logger.info('stopped');
}
