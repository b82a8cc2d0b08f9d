import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import axios, { isAxiosError, type AxiosInstance } from 'axios';
import { z } from 'zod';
import type { ContainerState, Evidence } from './fence.decision.js';
import type { FencingEnvironment } from './fencing.environment.js';

const service = 'com.docker.compose.service';
const project = 'com.docker.compose.project';

const eventSchema = z.object({
  Actor: z.object({ ID: z.string(), Attributes: z.looseObject({ [service]: z.string() }) }),
  timeNano: z.number(),
});

const inspectSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Config: z.object({ Hostname: z.string() }),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    Paused: z.boolean(),
    Restarting: z.boolean(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
  }),
});

const listSchema = z.array(z.object({ Id: z.string() }));

/** The death of a container of the project. */
export interface Death {
  readonly who: Evidence['death'];
  /** By Docker's clock, Unix time. */
  readonly atMs: number;
}

/** Reads from Docker by three GET routes: events, one container, the list of containers. */
export class DockerClient {
  private readonly http: AxiosInstance;

  constructor(private readonly environment: FencingEnvironment) {
    this.http = axios.create({ baseURL: environment.DOCKER_URL, maxRedirects: 0 });
  }

  /**
   * Yields each death from `sinceMs` on, until the connection ends or `signal` aborts.
   *
   * @param connected called once Docker has accepted the subscription
   * @throws Error when Docker does not accept it within REQUEST_TIMEOUT_MS, or when the connection breaks
   */
  async *deaths(sinceMs: number, signal: AbortSignal, connected: () => void): AsyncGenerator<Death> {
    const filters = { type: ['container'], event: ['die'], label: [`${project}=${this.environment.COMPOSE_PROJECT}`] };
    const params = { filters: JSON.stringify(filters), since: (sinceMs / 1_000).toFixed(3) };
    const data = await this.subscribe(params, signal);
    connected();
    for await (const line of createInterface({ input: data })) {
      const event = eventSchema.safeParse(JSON.parse(line));
      // A container without the label of a service is no member.
      if (!event.success) continue;
      const { Actor, timeNano } = event.data;
      const member = Actor.Attributes[service];
      yield {
        who: { containerId: Actor.ID, containerName: `${this.environment.CONTAINER_PREFIX}${member}`, member },
        atMs: timeNano / 1e6,
      };
    }
  }

  /** Only Docker's answer is bounded: after it, silence means that no container dies. */
  private async subscribe(params: object, signal: AbortSignal): Promise<Readable> {
    const { REQUEST_TIMEOUT_MS: boundMs } = this.environment;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), boundMs);
    const either = AbortSignal.any([signal, late.signal]);
    try {
      return (await this.http.get<Readable>('/events', { params, signal: either, responseType: 'stream' })).data;
    } catch (cause) {
      throw late.signal.aborted ? new Error(`Docker did not answer within ${boundMs} ms`, { cause }) : cause;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The state of a container now. Never throws. */
  async inspect(containerId: string): Promise<ContainerState | 'gone' | 'unreachable'> {
    try {
      const { Id, Name, Config, State } = inspectSchema.parse(await this.get(`/containers/${containerId}/json`));
      return {
        id: Id,
        name: Name.replace(/^\//, ''),
        hostname: Config.Hostname,
        status: State.Status,
        running: State.Running,
        paused: State.Paused,
        restarting: State.Restarting,
        startedAt: State.StartedAt,
        finishedAt: State.FinishedAt,
      };
    } catch (error) {
      return isAxiosError(error) && error.response?.status === 404 ? 'gone' : 'unreachable';
    }
  }

  /** Ids of all containers of the project that were made for `member`, running or not. Never throws. */
  async claimants(member: string): Promise<readonly string[] | 'unreachable'> {
    const filters = { label: [`${project}=${this.environment.COMPOSE_PROJECT}`, `${service}=${member}`] };
    try {
      const params = { all: true, filters: JSON.stringify(filters) };
      return listSchema.parse(await this.get('/containers/json', params)).map(({ Id }) => Id);
    } catch {
      return 'unreachable';
    }
  }

  private async get(path: string, params: object = {}): Promise<unknown> {
    const signal = AbortSignal.timeout(this.environment.REQUEST_TIMEOUT_MS);
    return (await this.http.get<unknown>(path, { params, signal })).data;
  }
}
