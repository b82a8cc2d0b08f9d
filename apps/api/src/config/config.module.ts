import { Global, Module, type DynamicModule } from '@nestjs/common';
import { readTls } from '../../../../libs/service-kit/src/tls.files.js';
import type { Environment } from './environment.schema.js';

/** Injection token of the validated `Environment`. */
export const ENVIRONMENT = Symbol('ENVIRONMENT');

/** Injection token of the `Tls` for Patroni, etcd and Redis; null where PEER_TLS_CA is not set. */
export const PEER_TLS = Symbol('PEER_TLS');

/** Makes the environment, read and validated once at boot, injectable everywhere. */
@Global()
@Module({})
export class ConfigModule {
  static register(environment: Environment): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: ENVIRONMENT, useValue: environment },
        { provide: PEER_TLS, useValue: readTls('PEER_TLS', environment) ?? null },
      ],
      exports: [ENVIRONMENT, PEER_TLS],
    };
  }
}
