import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const installBoundMs = 120_000;
const commandBoundMs = 180_000;

/** How a command ended, and what it printed on both streams. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly output: string;
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly boundMs?: number } = {},
): Promise<Ended> {
  const { cwd = root, env = {}, boundMs = commandBoundMs } = options;
  return new Promise((resolve) => {
    const settings = { cwd, env: { ...process.env, ...env }, timeout: boundMs, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, args, settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, output: stdout + stderr });
    });
  });
}

/** The judge as a stranger has it: packed, and installed from the tarball in a folder outside of the repository. */
export class InstalledJudge {
  private readonly started: ChildProcess[] = [];

  private constructor(
    readonly folder: string,
    /** Packages that came with it, itself included. */
    readonly packages: readonly string[],
    /** Files of which the bundle was made. */
    readonly inputs: readonly string[],
    readonly tarballBytes: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** @param env what the judge finds in its environment, for example a password */
  static async install(env: Readonly<Record<string, string>>): Promise<InstalledJudge> {
    const packed = await run('npm', ['run', '--silent', 'package:judge']);
    if (packed.code !== 0) throw new Error(packed.output);
    const tarball = join(root, packed.stdout.trim());
    const folder = await mkdtemp(join(tmpdir(), 'judge-'));
    const npm = (...args: string[]) => run('npm', args, { cwd: folder, boundMs: installBoundMs });
    const installed = await npm('install', '--no-audit', '--no-fund', '--prefer-offline', '--silent', tarball);
    if (installed.code !== 0) throw new Error(installed.output);
    const listed = await npm('ls', '--all', '--parseable');
    const inputs = JSON.parse(await readFile(join(root, 'dist/judge.inputs.json'), 'utf8')) as string[];
    const tarballBytes = (await readFile(tarball)).length;
    const state = { XDG_STATE_HOME: join(folder, 'state') };
    const packages = listed.stdout.trim().split('\n').slice(1);
    return new InstalledJudge(folder, packages, inputs, tarballBytes, { ...env, ...state });
  }

  /** Runs the judge to its end. */
  run(...args: string[]): Promise<Ended> {
    return run('npx', ['--no-install', 'postgres-ha-judge', ...args], { cwd: this.folder, env: this.env });
  }

  /** Starts the judge without npx in between, so that a signal reaches it. */
  start(...args: string[]): ChildProcess {
    const program = join(this.folder, 'node_modules/postgres-ha-judge/dist/main.js');
    const options = { cwd: this.folder, env: { ...process.env, ...this.env }, stdio: 'ignore' } as const;
    const child = spawn(process.execPath, [program, ...args], options);
    this.started.push(child);
    return child;
  }

  /** Ends what still runs of it, and removes its folder. */
  async remove(): Promise<void> {
    for (const child of this.started) child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
