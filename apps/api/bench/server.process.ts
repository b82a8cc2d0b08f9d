import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { until } from '../../../libs/cluster/src/wait.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readyBoundMs = 30_000;

// Servers that outlived an aborted benchmark would slow down all that is measured afterwards.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

/** A server that is measured: a process of its own on a free port of this machine. */
export class ServerProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** The built service with its default settings, but without logs: on two cores they would cost a part of what is measured. */
  static service(overrides: object = {}): Promise<ServerProcess> {
    return ServerProcess.start(['dist/apps/api/src/main.js'], '/health/ready', { LOG_LEVEL: 'warn', ...overrides });
  }

  static bare(productId: number): Promise<ServerProcess> {
    return ServerProcess.start(['--import', 'tsx', 'apps/api/bench/bare.server.ts'], `/products/${productId}`);
  }

  private static async start(args: string[], path: string, environment: object = {}): Promise<ServerProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production', ...environment, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    process.once('exit', () => child.kill());
    const url = `http://127.0.0.1:${port}`;
    await until({ what: `${args.at(-1)} answers`, boundMs: readyBoundMs }, async () => {
      const { ok } = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(2_000) });
      return ok ? true : undefined;
    });
    return new ServerProcess(url, child);
  }

  async stop(): Promise<void> {
    this.child.kill();
    if (this.child.exitCode === null) await once(this.child, 'exit');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
