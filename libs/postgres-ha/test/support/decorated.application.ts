import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const source = join(root, 'libs/postgres-ha/test/applications');
/** Inside the tree, so that Nest and TypeORM are found here; the library is the packed one. */
const folder = join(root, 'dist/packages/decorated');
const startBoundMs = 30_000;

/** What a called method returned, or threw. */
export interface Said {
  readonly value?: unknown;
  /** The value is an entity, and not only looks like one. */
  readonly isNote?: boolean;
  /** The answer of the request would carry a token. */
  readonly hasToken?: boolean;
  readonly error?: { readonly name: string; readonly message: string };
}

/**
 * `applications/decorated.ts` in a process of its own: @nestjs-cls/transactional loads Nest, which is ESM only, by require(), and Jest
 * cannot do that on every Node that this repository supports.
 */
export class DecoratedApplication {
  private constructor(private readonly process: ChildProcess) {}

  static async start(ports: readonly number[], password: string): Promise<DecoratedApplication> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'node_modules'), { recursive: true });
    await cp(join(root, 'dist/packages/build'), join(folder, 'node_modules/postgres-ha'), { recursive: true });
    await cp(source, folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    await execute(process.execPath, [compiler], { cwd: folder }).catch((error: Error & { stdout?: string }) => {
      throw new Error(error.stdout ?? error.message, { cause: error });
    });
    const child = fork(join(folder, 'decorated.js'), [ports.join(','), password], { execArgv: [] });
    await once(child, 'message', { signal: AbortSignal.timeout(startBoundMs) });
    return new DecoratedApplication(child);
  }

  async call(method: string, ...args: readonly string[]): Promise<Said> {
    const answered = once(this.process, 'message') as Promise<[Said]>;
    this.process.send({ method, args });
    return (await answered)[0];
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.disconnect();
    await ended;
  }
}
