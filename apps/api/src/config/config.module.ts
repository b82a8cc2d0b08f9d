import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Environment } from './environment.schema.js';

/** Injection token of the validated `Environment`. */
export const ENVIRONMENT = Symbol('ENVIRONMENT');

/** Makes the environment, read and validated once at boot, injectable everywhere. */
@Global()
@Module({})
export class ConfigModule {
  static register(environment: Environment): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: ENVIRONMENT, useValue: environment }],
      exports: [ENVIRONMENT],
    };
  }
}
