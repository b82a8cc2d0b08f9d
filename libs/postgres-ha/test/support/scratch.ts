import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const library = fileURLToPath(new URL('../../', import.meta.url));
const example = join(library, 'example');
/** What `scripts/package` has made, see pack.mjs. */
const { version } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8')) as { version: string };
const tarball = join(library, `../../dist/packages/postgres-ha-${version}.tgz`);

const installBoundMs = 120_000;
const startBoundMs = 20_000;

/** An HTTP answer of the application. */
export interface Answer {
  readonly status: number;
  readonly token: string | undefined;
  readonly body: Record<string, unknown>;
}

/** What a client sends besides the path. */
export interface Request {
  readonly token?: string | undefined;
  readonly key?: string;
  /** `Read-Consistency`. */
  readonly consistency?: string;
  /** Makes it a POST. */
  readonly body?: object;
}

/** The example in a folder outside of this tree, with nothing of it but the tarball. */
export class ScratchApplication {
  private server: ChildProcess | undefined;
  private port = 0;
  private printed = '';

  private constructor(readonly folder: string) {}

  /** Copies the example, and installs the tarball in it. */
  static async install(): Promise<ScratchApplication> {
    const folder = await mkdtemp(join(tmpdir(), 'postgres-ha-example-'));
    await cp(example, folder, { recursive: true });
    const installing = ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'];
    await execute('npm', installing, { cwd: folder, timeout: installBoundMs });
    return new ScratchApplication(folder);
  }

  /**
   * Writes the first lines of code of the README into the folder, as they stand there but for the servers and the names of the example.
   *
   * @returns the name of the file
   */
  async writeStart(ports: readonly number[]): Promise<string> {
    const [, start = ''] = /```js\n([^]*?)```/.exec(await readFile(join(library, 'README.md'), 'utf8')) ?? [];
    const hosts = ports.map((port) => `{ host: '127.0.0.1', port: ${port} }`).join(', ');
    const adapted = start
      .replace("{ host: 'pg1' }, { host: 'pg2' }", hosts)
      .replace("database: 'shop'", "database: 'app'")
      .replace("username: 'shop'", "username: 'app_user'");
    await writeFile(join(this.folder, 'start.js'), `${adapted}console.log(JSON.stringify({ value, served }));\n`);
    return 'start.js';
  }

  /** Another instance of the same installation. */
  another(): ScratchApplication {
    return new ScratchApplication(this.folder);
  }

  /** Runs a program of the folder to its end, and returns what it printed. */
  async run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
    try {
      const env = { ...process.env, ...environment };
      return (await execute(program, args, { cwd: this.folder, env })).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`, { cause: error });
    }
  }

  /** Starts the server, and waits until it is ready. */
  async start(environment: NodeJS.ProcessEnv): Promise<void> {
    const env = { ...process.env, NODE_OPTIONS: '', ...environment };
    const server = spawn(process.execPath, ['server.js'], { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.server = server;
    server.stderr.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    const [line] = (await Promise.race([
      once(server.stdout, 'data', { signal: AbortSignal.timeout(startBoundMs) }),
      once(server, 'exit').then(() => Promise.reject(new Error(`the example ended: ${this.printed}`))),
    ])) as [Buffer];
    ({ port: this.port } = JSON.parse(line.toString()) as { port: number });
    const deadlineMs = performance.now() + startBoundMs;
    while ((await this.request('/ready')).status !== 200) {
      if (performance.now() > deadlineMs) throw new Error(`the example is not ready: ${this.printed}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async request(path: string, { token, key, consistency, body }: Request = {}): Promise<Answer> {
    const headers = {
      ...(token === undefined ? {} : { 'Consistency-Token': token }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      ...(consistency === undefined ? {} : { 'Read-Consistency': consistency }),
    };
    const posted = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { headers, ...posted });
    const text = await response.text();
    return {
      status: response.status,
      token: response.headers.get('consistency-token') ?? undefined,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
