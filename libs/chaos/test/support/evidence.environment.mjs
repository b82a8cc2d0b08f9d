import { execFile } from 'node:child_process';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TestEnvironment } from 'jest-environment-node';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const program = fileURLToPath(new URL('evidence.process.ts', import.meta.url));
const boundMs = 60_000;

/**
 * Where the tests of a file run that need the lab. The first of them that fails, or the first hook, saves the containers' logs and
 * `patronictl list` and `history` under test-artifacts/NAME/, NAME.e2e-spec.ts being the file. Jest waits for it (60 s at most)
 * before it goes on, so no hook has healed the lab yet. Later failures of the file are often consequences, and save nothing.
 */
export default class EvidenceEnvironment extends TestEnvironment {
  /** @type {string} */
  #folder;
  #isSaved = false;

  /** @param {ConstructorParameters<typeof TestEnvironment>} args */
  constructor(...args) {
    super(...args);
    const [, { testPath }] = args;
    this.#folder = join(repository, 'test-artifacts', basename(testPath, '.e2e-spec.ts'));
  }

  /** @param {{ name: string }} event */
  async handleTestEvent({ name }) {
    if (this.#isSaved || (name !== 'test_fn_failure' && name !== 'hook_failure')) return;
    this.#isSaved = true;
    const where = relative(repository, this.#folder);
    // A process of its own can be ended, whatever it waits for.
    const saved = promisify(execFile)(process.execPath, ['--import', 'tsx', program, this.#folder], {
      cwd: repository,
      timeout: boundMs,
      killSignal: 'SIGKILL',
    });
    const outcome = await saved.then(
      () => `the lab when it first failed: ${where}/`,
      (/** @type {Error} */ error) => `nothing, or not all, could be saved in ${where}/: ${error.message}`,
    );
    process.stderr.write(`${basename(this.#folder)}: ${outcome}\n`);
  }
}
