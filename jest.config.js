/** Jest runs native ESM (NODE_OPTIONS=--experimental-vm-modules, set by scripts/test); swc strips types only. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // Packages that were built have the names of those that they were built from.
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['<rootDir>/libs/chaos/test/support/one-realm.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
      },
    ],
  },
};

/** A test that fails saves the logs of the lab. */
const onLab = { ...shared, testEnvironment: '<rootDir>/libs/chaos/test/support/evidence.environment.mjs' };

export default {
  // Twice what the slowest of those without a bound of their own took on a slow day.
  testTimeout: 90_000,
  projects: [
    // No I/O: runs anywhere.
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,infra,libs}/**/*.spec.ts', '<rootDir>/{libs,scripts}/**/*.spec.mjs'],
    },
    // Against a healthy lab, which they leave healthy.
    { ...onLab, displayName: 'e2e', testMatch: ['<rootDir>/apps/*/test/e2e/**/*.e2e-spec.ts'] },
    // They break the lab, so one at a time: --runInBand.
    { ...onLab, displayName: 'failover', testMatch: ['<rootDir>/apps/*/test/failover/**/*.e2e-spec.ts'] },
    // On servers of their own, without a lab.
    {
      ...shared,
      displayName: 'package',
      globalSetup: '<rootDir>/libs/postgres-ha/test/support/pack.mjs',
      testMatch: ['<rootDir>/libs/*/test/package/**/*.e2e-spec.ts'],
    },
    // On a second lab, which they make: the profile that encrypts everything needs one. They save its logs themselves.
    { ...shared, displayName: 'secure', testMatch: ['<rootDir>/apps/*/test/secure/**/*.e2e-spec.ts'] },
  ],
};
