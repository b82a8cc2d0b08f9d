import { Controller, Get, Header, HttpStatus, Inject, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { ENVIRONMENT } from '../config/config.module.js';
import type { Environment } from '../config/environment.schema.js';
import { DatabaseLifecycle } from '../../../../libs/postgres-ha/src/index.js';
import { HealthIndicators } from './health.indicators.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicators,
    private readonly database: DatabaseLifecycle,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'All indicators: 200 ok, 200 degraded, 503 error.' })
  @ApiOkResponse({ description: 'Terminus result with status ok or degraded.' })
  @ApiServiceUnavailableResponse({ description: 'Terminus result with status error.' })
  async check(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult> {
    try {
      return await this.health.check([
        () => this.indicators.write(),
        () => this.indicators.read(),
        () => this.indicators.patroni(),
        () => this.indicators.etcd(),
        () => this.indicators.replication(),
        () => this.indicators.nodes(),
        () => this.indicators.redis(),
        ...(this.indicators.hasBackup ? [() => this.indicators.backup()] : []),
      ]);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
      return error.getResponse() as HealthCheckResult;
    }
  }

  @Get('live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The process answers. Touches nothing else.' })
  live() {
    return { status: 'ok' };
  }

  /**
   * For a load balancer. It does not follow the database: that is shared, so an outage would take every instance out and
   * turn answers with Retry-After into refused connections.
   */
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'This instance has reached its database once, the schema is current, and it is not stopping.',
  })
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    if (this.database.isReady) return { status: 'ready' };
    void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'not ready' };
  }

  @Get('simple')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiOperation({ summary: 'The status of /health in one word: ok, degraded or error.' })
  async simple(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return (await this.check(reply)).status;
  }

  @Get('version')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Version, commit, environment, uptime, and the versions of Node and PostgreSQL.' })
  async version() {
    return {
      version: this.environment.APP_VERSION,
      commit: this.environment.APP_COMMIT,
      environment: this.environment.NODE_ENV,
      node: process.version,
      postgres: await this.indicators.postgresVersion(),
      uptimeSeconds: Math.round(process.uptime()),
    };
  }
}
