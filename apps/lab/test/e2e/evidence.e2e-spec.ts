import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { artifactsFolder } from '../../../../libs/chaos/test/support/settings.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { root, runCommand } from '../support/command.js';

/** Bounds the start of Jest and the saving of evidence. */
const boundMs = 90_000;
const testEnvironment = join(root, 'libs/chaos/test/support/evidence.environment.mjs');
const fail = `const fail = () => { throw new Error("on purpose"); };`;

describe('A file of tests on the lab', () => {
  let folder: string;
  let name: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evidence-'));
    name = uniqueName('evidence');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    await rm(join(artifactsFolder, name), { recursive: true, force: true });
  });

  /** Runs a file of these tests. @returns what Jest printed */
  const run = async (tests: string): Promise<string> => {
    const config = { rootDir: folder, testMatch: ['**/*.e2e-spec.ts'], testEnvironment, transform: {} };
    await writeFile(join(folder, `${name}.e2e-spec.ts`), tests);
    const { output } = await runCommand('npx', ['jest', '--config', JSON.stringify(config)]);
    return output;
  };

  it.each([
    ['a test fails', `it('a', fail); it('b', fail);`],
    ['a hook fails', `beforeAll(fail); it('a', () => {}); it('b', () => {});`],
  ])(
    'saves the logs of the containers and what Patroni lists once when %s, however many fail after it',
    async (_, tests) => {
      const output = await run(`${fail} ${tests}`);
      expect(output).toContain('2 failed, 2 total');
      expect(output.match(/the lab when it first failed: .*/g)).toEqual([
        `the lab when it first failed: test-artifacts/${name}/`,
      ]);
      const saved = await readdir(join(artifactsFolder, name));
      expect(saved).toEqual(
        expect.arrayContaining([
          'containers.json',
          'patronictl-history.txt',
          'patroni1.log',
          'haproxy.log',
          'api1.log',
        ]),
      );
      expect(await readFile(join(artifactsFolder, name, 'patronictl-list.txt'), 'utf8')).toContain('Leader');
    },
    boundMs,
  );

  it(
    'saves nothing when all of its tests pass',
    async () => {
      const output = await run(`it('a', () => {});`);
      expect(output).toContain('1 passed, 1 total');
      expect(await readdir(artifactsFolder)).not.toContain(name);
    },
    boundMs,
  );
});
