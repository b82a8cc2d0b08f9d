import { execFile } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunningProgram } from '../../../cluster/src/containers.js';
import type { Lab } from '../../../cluster/src/lab.js';
import type { Completion } from '../history/operation.js';
import type { OutsideProgram } from './outside.programs.js';

const folder = fileURLToPath(new URL('../../../../infra/clients', import.meta.url));
const clientsImage = 'pg-ha-lab/clients';
/** It is here with either image set, and is a Debian. */
const baseImage = 'pg-ha-lab/toolbox';
const buildBoundMs = 600_000;

/** Builds the image of the programs that are not in Node, or finds it in Docker's cache. The lab itself does not need it. */
export async function buildClientsImage(): Promise<void> {
  const args = ['build', '--quiet', '--tag', clientsImage, '--build-arg', `BASE_IMAGE=${baseImage}`, folder];
  await promisify(execFile)('docker', args, { timeout: buildBoundMs });
}

/** Starts a program in a container of its own in the lab's network. {@link buildClientsImage} must have been called. */
export async function startOutside({ containers, settings }: Lab, program: OutsideProgram): Promise<RunningProgram> {
  const api = (await containers.list()).find(({ service }) => service === 'api1');
  if (api === undefined) throw new Error('the lab has no container of api1, in whose image the programs for Node run');
  return containers.startProgram({
    image: program.image === 'api' ? api.image : clientsImage,
    command: program.command,
    env: { PGPASSWORD: settings.DB_PASSWORD, ...program.env },
    folder: { from: folder, to: '/app/clients' },
  });
}

/** A program of infra/clients. It is sent keys, and inserts them one after the other. */
export class OutsideClient {
  private readonly answers: AsyncIterator<string>;

  private constructor(
    readonly name: string,
    private readonly running: RunningProgram,
  ) {
    this.answers = createInterface({ input: running.output })[Symbol.asyncIterator]();
  }

  /** Starts the program; its first insert waits until it can connect. */
  static async start(lab: Lab, program: OutsideProgram): Promise<OutsideClient> {
    return new OutsideClient(program.name, await startOutside(lab, program));
  }

  /** Inserts a key. After an error the row may be there or not: the programs do not say how far they came. */
  async insert(key: string): Promise<Completion> {
    this.running.input.write(`${key}\n`);
    const { value, done } = await this.answers.next();
    if (done === true) return { outcome: 'unknown', errorClass: 'client_ended' };
    const [word, errorClass = 'unclassified'] = value.split(' ');
    return word === 'ok' ? { outcome: 'ok', role: 'leader' } : { outcome: 'unknown', errorClass };
  }

  /** Ends the program, whatever it waits for. */
  async close(): Promise<void> {
    await this.running.remove();
  }
}
