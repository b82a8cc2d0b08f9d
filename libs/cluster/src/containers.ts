import Docker from 'dockerode';
import type { Readable } from 'node:stream';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { within } from './wait.js';

const defaultBoundMs = 20_000;
const restartBoundMs = 100_000;
/** Of this time a container may use its quota; the kernel's default. */
const cpuPeriodUs = 100_000;
const startBoundMs = 60_000;
const toolboxImage = 'pg-ha-lab/toolbox';

/** One container of the lab. */
export interface LabContainer {
  readonly service: string;
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly imageId: string;
  /** `running`, `paused`, `exited`, `restarting`, … */
  readonly status: string;
}

/** What a command in a container printed, and its exit status. */
export interface Executed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What runs in a container of its own beside the lab. */
export interface Program {
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A folder of this machine, and where the program finds it. */
  readonly folder: { readonly from: string; readonly to: string };
}

/** Such a program, until it ends or is removed. */
export interface RunningProgram {
  readonly input: NodeJS.WritableStream;
  readonly output: Readable;
  remove(): Promise<void>;
}

/** nft ended with an error: the kernel cannot do what the rules ask for, or the rules are wrong. */
export class NftFailedError extends Error {
  override readonly name = 'NftFailedError';

  constructor(service: string, code: number, said: string) {
    super(`nft in ${service} ended with ${code}: ${said}`);
  }
}

/** There is no toolbox image, which has nft. */
export class ToolboxMissingError extends Error {
  override readonly name = 'ToolboxMissingError';
}

/** The containers of one Compose project, by service name, through the engine's API. Every call has a time limit. */
export class Containers {
  /** @param docker @default the engine that DOCKER_HOST names, or the one at the usual socket */
  constructor(
    private readonly project: string,
    private readonly docker = new Docker(),
  ) {}

  /**
   * Labels of the containers that Compose has started. The images that it has built carry the first one, too, and with them every
   * container that somebody makes from them by hand.
   */
  private get labels(): string[] {
    return [`com.docker.compose.project=${this.project}`, 'com.docker.compose.oneoff=False'];
  }

  /** @throws Error when no engine answers */
  async list(): Promise<LabContainer[]> {
    const filters = { label: this.labels };
    const listed = await this.bounded('list containers', this.docker.listContainers({ all: true, filters }));
    return Promise.all(
      listed.map(async ({ Id, Labels }) => {
        const { Name, State, Config, Image } = await this.bounded('inspect', this.docker.getContainer(Id).inspect());
        return {
          service: Labels['com.docker.compose.service'] ?? Name,
          name: Name.replace(/^\//, ''),
          id: Id,
          image: Config.Image,
          imageId: Image,
          status: State.Status,
        };
      }),
    );
  }

  /** Sends a signal to the main process. After `SIGKILL`, Docker does not start the container again. */
  async signal(service: string, signal: string): Promise<void> {
    const container = await this.find(service);
    await this.bounded(`${signal} ${service}`, container.kill({ signal }));
  }

  async start(service: string): Promise<void> {
    const container = await this.find(service);
    await this.bounded(`start ${service}`, container.start().catch(ignoreUnchanged));
  }

  /** Freezes a container. runc gives up, and thaws it again, when a container starts processes faster than it can freeze them: then again. */
  async pause(service: string): Promise<void> {
    const container = await this.find(service);
    for (let triesLeft = 3; triesLeft >= 0; triesLeft -= 1) {
      try {
        await this.bounded(`pause ${service}`, container.pause());
        return;
      } catch (error) {
        if (triesLeft === 0 || !String(error).includes('unable to freeze')) throw error;
      }
    }
  }

  async unpause(service: string): Promise<void> {
    const container = await this.find(service);
    const { State } = await this.bounded('inspect', container.inspect());
    if (State.Paused) await this.bounded(`unpause ${service}`, container.unpause());
  }

  /**
   * Lets a container use so many cores, or all of them. By period and quota: a limit that was given in cores cannot be taken back.
   * Docker keeps the limit over a restart.
   */
  async limitCpu(service: string, cores: number | undefined): Promise<void> {
    const container = await this.find(service);
    const limit = cores === undefined ? { CpuQuota: -1 } : { CpuPeriod: cpuPeriodUs, CpuQuota: cores * cpuPeriodUs };
    await this.bounded(`limit ${service}`, container.update(limit));
  }

  /** Stops a container in order and starts it again, like `docker restart`. */
  async restart(service: string): Promise<void> {
    const container = await this.find(service);
    await this.bounded(`restart ${service}`, container.restart(), restartBoundMs);
  }

  /** Removes a container, and the volume of the same name with all its data. */
  async discard(service: string): Promise<void> {
    const container = await this.find(service);
    await this.bounded(`remove ${service}`, container.remove({ force: true }));
    await this.bounded(`remove the volume of ${service}`, this.docker.getVolume(`${this.project}_${service}`).remove());
  }

  /** The container's address in the lab's network. */
  async address(service: string): Promise<string> {
    const container = await this.find(service);
    const { NetworkSettings } = await this.bounded('inspect', container.inspect());
    const [network] = Object.values(NetworkSettings.Networks);
    if (network === undefined || network.IPAddress === '') throw new Error(`${service} has no address`);
    return network.IPAddress;
  }

  /** Runs a command in a container. */
  async exec(service: string, command: readonly string[], boundMs = defaultBoundMs): Promise<Executed> {
    const container = await this.find(service);
    const work = async (): Promise<Executed> => {
      const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
      const stream = await exec.start({});
      const [stdout, stderr] = await this.collect(stream);
      const { ExitCode } = await exec.inspect();
      return { code: ExitCode ?? -1, stdout, stderr };
    };
    return this.bounded(`${service}: ${command[0]}`, work(), boundMs);
  }

  /** How much memory the container may use, in bytes; infinite without a limit. */
  async memoryLimitBytes(service: string): Promise<number> {
    const container = await this.find(service);
    const { HostConfig } = await this.bounded('inspect', container.inspect());
    return HostConfig.Memory === undefined || HostConfig.Memory === 0 ? Number.POSITIVE_INFINITY : HostConfig.Memory;
  }

  /** Runs a command that must succeed. @returns what it printed on standard output */
  async run(service: string, command: readonly string[], boundMs = defaultBoundMs): Promise<string> {
    const { code, stdout, stderr } = await this.exec(service, command, boundMs);
    if (code !== 0) throw new Error(`${service}: ${command[0]} ended with ${code}: ${stderr.trim() || stdout.trim()}`);
    return stdout.trim();
  }

  /**
   * Starts a command and passes on each line of its standard output. The command must end when its input ends, so that it also ends
   * when this process is killed.
   *
   * @param input what the command reads; its input then stays open
   * @returns a function that ends the command
   */
  async follow(
    service: string,
    command: readonly string[],
    input: string,
    { onLine, onEnd }: { onLine: (line: string) => void; onEnd: () => void },
  ): Promise<() => void> {
    const container = await this.find(service);
    const start = async () => {
      const exec = await container.exec({
        Cmd: [...command],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
      });
      return exec.start({ hijack: true, stdin: true });
    };
    const stream = await this.bounded(`${service}: ${command[0]}`, start());
    const out = new PassThrough();
    this.docker.modem.demuxStream(stream, out, new PassThrough().resume());
    let rest = '';
    out.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    stream.once('close', onEnd).on('error', () => undefined);
    stream.write(input);
    return () => stream.end();
  }

  /** What a container wrote in the last `sinceSeconds` to both outputs, each line with its time. */
  async logs(service: string, sinceSeconds: number): Promise<string> {
    const container = await this.find(service);
    const since = Math.floor(Date.now() / 1_000) - sinceSeconds;
    // The log is not followed: even with `until`, Docker would end it only at the next line, which a silent container never writes.
    const read = container.logs({ stdout: true, stderr: true, timestamps: true, since });
    return contentOf(await this.bounded(`logs of ${service}`, read));
  }

  /**
   * Runs nft in the network namespace of a container, so that its rules concern this container alone, wherever Docker runs.
   *
   * @throws NftFailedError when nft itself refused
   * @throws ToolboxMissingError without the image that has nft
   */
  async nft(service: string, commands: readonly string[]): Promise<void> {
    const { id } = await this.find(service);
    const toolbox = await this.bounded(
      'create the toolbox',
      this.docker.createContainer({
        Image: toolboxImage,
        Cmd: [commands.join('; ')],
        // The image has Compose's label: without this, Compose would take the toolbox for a container of the lab.
        Labels: { 'com.docker.compose.project': '', 'pg-ha-lab.toolbox': this.project },
        // Docker removes the toolbox by itself, for this process may be killed before it does.
        HostConfig: { NetworkMode: `container:${id}`, CapAdd: ['NET_ADMIN'], AutoRemove: true },
      }),
    ).catch(missingToolbox);
    try {
      // Before the start: once the toolbox has ended, Docker has removed it.
      const attached = toolbox.attach({ stream: true, stdout: true, stderr: true }) as Promise<unknown>;
      const output = this.collect((await this.bounded('attach to the toolbox', attached)) as Readable);
      const ended = toolbox.wait({ condition: 'next-exit' }) as Promise<{ StatusCode: number }>;
      const [{ StatusCode }, said] = await this.bounded('nft', Promise.all([ended, output, toolbox.start()]));
      if (StatusCode !== 0) throw new NftFailedError(service, StatusCode, said.join('').trim());
    } finally {
      await this.bounded('remove the toolbox', toolbox.remove({ force: true }).catch(ignoreGone));
    }
  }

  /**
   * Starts a program in a new container of the lab's network. It must end when its input ends, so that it also ends when this process
   * is killed; the container is then removed.
   */
  async startProgram({ image, command, env, folder }: Program): Promise<RunningProgram> {
    const { NetworkSettings } = await this.bounded('inspect', (await this.find('patroni1')).inspect());
    const [network = ''] = Object.keys(NetworkSettings.Networks);
    const container = await this.bounded(
      `create ${image}`,
      this.docker.createContainer({
        Image: image,
        Cmd: [...command],
        Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        OpenStdin: true,
        StdinOnce: true,
        // An image that Compose has built has its label, and would make this a container of the lab.
        Labels: { 'com.docker.compose.project': '', 'pg-ha-lab.program': this.project },
        HostConfig: { NetworkMode: network, Binds: [`${folder.from}:${folder.to}:ro`], AutoRemove: true, Init: true },
      }),
    );
    const remove = () => this.bounded(`remove ${image}`, container.remove({ force: true }).catch(ignoreGone));
    const start = async (): Promise<Pick<RunningProgram, 'input' | 'output'>> => {
      const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
      const output = new PassThrough();
      this.docker.modem.demuxStream(stream, output, process.stderr);
      stream.on('error', () => undefined).once('close', () => output.end());
      await container.start();
      return { input: stream, output };
    };
    try {
      return { ...(await this.bounded(`start ${image}`, start(), startBoundMs)), remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  private async find(service: string): Promise<Docker.Container> {
    const filters = { label: [...this.labels, `com.docker.compose.service=${service}`] };
    const [found] = await this.bounded('list containers', this.docker.listContainers({ all: true, filters }));
    if (found === undefined) throw new Error(`the lab has no container of ${service}`);
    return this.docker.getContainer(found.Id);
  }

  private async collect(stream: Readable): Promise<[string, string]> {
    const out = new PassThrough();
    const err = new PassThrough();
    this.docker.modem.demuxStream(stream, out, err);
    stream.on('end', () => {
      out.end();
      err.end();
    });
    stream.on('error', (error) => out.destroy(error));
    return Promise.all([text(out), text(err)]);
  }

  private bounded<T>(what: string, promise: Promise<T>, boundMs = defaultBoundMs): Promise<T> {
    return within(boundMs, `docker: ${what}`, promise);
  }
}

/** Docker's stream of both outputs as one text, in the order of writing. Bytes 4 to 7 of a frame's header are its length. */
function contentOf(framed: Buffer): string {
  const contents: Buffer[] = [];
  for (let at = 0; at + 8 <= framed.length;) {
    const end = at + 8 + framed.readUInt32BE(at + 4);
    contents.push(framed.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(contents).toString();
}

/** Ignores status 304: the container runs already. */
function ignoreUnchanged(error: { statusCode?: number }): void {
  if (error.statusCode !== 304) throw error;
}

function missingToolbox(cause: { statusCode?: number }): never {
  if (cause.statusCode !== 404) throw cause;
  throw new ToolboxMissingError(`there is no image ${toolboxImage}; this builds it: scripts/lab up`, { cause });
}

/** Ignores status 404 (the container is gone) and 409 (it is being removed), which Docker also calls 500 when it has just ended. */
function ignoreGone(error: { statusCode?: number; message?: string }): void {
  const isGoing = error.statusCode === 500 && error.message?.includes('Removal In Progress') === true;
  if (error.statusCode !== 404 && error.statusCode !== 409 && !isGoing) throw error;
}
