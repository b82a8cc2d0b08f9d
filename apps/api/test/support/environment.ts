import { parseEnvironment, type Environment } from '../../src/config/environment.schema.js';

/** The environment of this process, into which `scripts/test` has put the settings of `.env`. */
const source = process.env;

/** Seed of a fuzz run that is to be repeated; absent: a new one each time. */
export const fuzzSeed = source['FUZZ_SEED'] ? Number(source['FUZZ_SEED']) : undefined;

/** The environment of an in-process app: that of the lab, silent unless LOG_LEVEL is set, changed by `overrides`. */
export function appEnvironment(overrides: Readonly<Record<string, string>> = {}): Environment {
  if (!source['DB_PASSWORD']) throw new Error('DB_PASSWORD is not set: start the tests with scripts/test');
  return parseEnvironment({
    ...source,
    NODE_ENV: 'test',
    SHUTDOWN_DRAIN_MS: '0',
    LOG_LEVEL: source['LOG_LEVEL'] || 'silent',
    ...overrides,
  });
}
