import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { z } from 'zod';
import { catalogue } from '../../../../libs/chaos/src/faults/catalogue.js';
import {
  demonstrations,
  mostRatePerSecond,
  type LogEntry,
  type Refusal,
  type Snapshot,
} from '../../../../libs/live/src/protocol.js';
import { refusalOf, type Refused } from './request.guard.js';
import { predictionSchema, type RunFolders } from './run.views.js';
import { staticFile } from './static.files.js';
import { WorkerRefusedError } from './worker.process.js';

/** Upper bound of a request's body. The page sends far less; more is refused with 400. */
const mostBodyBytes = 10_000;
/** A page that reads so slowly is cut off; it connects again by itself. */
const mostUnsentBytes = 2_000_000;

/** Everything on the page comes from this server, and nothing else may run or be asked. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Reports have their styles and scripts in them. The sandbox keeps them away from the console's token. */
const reportPolicy =
  "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

/**
 * A browser has six connections to one host (HTTP/1.1), and each page holds one. One more waits for a demonstration, and one has to be
 * left to heal by.
 */
const mostPages = 4;

/** A fault by its own name: `all` and `quick` are no faults. */
const faultNames = catalogue.map(({ name }) => name);

const bodies = {
  '/api/load': z.strictObject({ ratePerSecond: z.number().int().min(0).max(mostRatePerSecond) }),
  '/api/break': z.strictObject({ fault: z.enum(faultNames), prediction: predictionSchema.nullable() }),
  '/api/heal': z.strictObject({}),
  '/api/demonstrate': z.strictObject({ what: z.enum(demonstrations) }),
} as const;

/** What the server asks of the console, and what a page may ask for. */
export interface ConsoleActions {
  readonly faults: () => Promise<unknown>;
  readonly timelines: () => Promise<unknown>;
  readonly load: (order: z.output<(typeof bodies)['/api/load']>) => Promise<unknown>;
  readonly break: (order: z.output<(typeof bodies)['/api/break']>) => Promise<unknown>;
  readonly heal: () => Promise<unknown>;
  readonly demonstrate: (order: z.output<(typeof bodies)['/api/demonstrate']>) => Promise<unknown>;
  /** The log so far, oldest first. */
  readonly log: () => readonly LogEntry[];
  /** The number of pages that watch has changed. */
  readonly watched: (pages: number) => void;
}

/** Serves the page on 127.0.0.1, and what it is told. */
export class ConsoleServer {
  private readonly server: Server;
  private readonly pages = new Set<ServerResponse>();
  private port = 0;

  constructor(
    private readonly actions: ConsoleActions,
    private readonly pageFolder: string,
    private readonly folders: RunFolders,
    private readonly token: string,
  ) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => refuse(response, refusedBy(error)));
    });
  }

  /** @param port 0 for any that is free @returns the port */
  async listen(port: number): Promise<number> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : port;
    return this.port;
  }

  get pageCount(): number {
    return this.pages.size;
  }

  /** Sends every page what it draws. */
  snapshot(snapshot: Snapshot): void {
    if (this.pages.size > 0) this.send(event('snapshot', snapshot));
  }

  logged(entry: LogEntry): void {
    this.send(event('log', entry));
  }

  async close(): Promise<void> {
    for (const page of this.pages) page.end();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private send(text: string): void {
    for (const page of this.pages) {
      if (page.writableLength > mostUnsentBytes) page.destroy();
      else page.write(text);
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-store');
    const { host, origin, authorization, 'content-type': contentType, 'sec-fetch-site': site } = headers;
    const asked = {
      method,
      host,
      origin,
      authorization,
      contentType,
      site: typeof site === 'string' ? site : undefined,
    };
    const refused = refusalOf(asked, this.port, this.token);
    if (refused !== undefined) return refuse(response, refused);
    const path = pathOf(request.url ?? '/');
    if (path === undefined) return refuse(response, notFound);
    if (method === 'POST') return this.change(path, request, response);
    return method === 'GET' ? this.look(path, response) : refuse(response, notFound);
  }

  private async look(path: string, response: ServerResponse): Promise<void> {
    switch (path) {
      case '/api/live':
        return this.join(response);
      case '/api/faults':
        return json(response, 200, await this.actions.faults());
      case '/api/runs':
        return json(response, 200, await this.folders.views());
      case '/api/timelines':
        return json(response, 200, await this.actions.timelines());
    }
    const isRun = path.startsWith('/runs/');
    const file = isRun
      ? await staticFile(this.folders.root, decodeURIComponent(path.slice('/runs/'.length)))
      : await staticFile(this.pageFolder, path === '/' ? 'index.html' : path);
    if (file === undefined) return refuse(response, notFound);
    response.setHeader('Content-Security-Policy', isRun ? reportPolicy : pagePolicy);
    response.setHeader('Content-Type', file.type);
    response.end(file.body);
  }

  private join(response: ServerResponse): void {
    if (this.pages.size >= mostPages) return refuse(response, tooManyPages);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('retry: 1000\n\n');
    for (const entry of this.actions.log()) response.write(event('log', entry));
    this.pages.add(response);
    this.actions.watched(this.pages.size);
    response.once('close', () => {
      this.pages.delete(response);
      this.actions.watched(this.pages.size);
    });
  }

  private async change(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    switch (path) {
      case '/api/load':
        await this.actions.load(checked(bodies[path], body));
        break;
      case '/api/break':
        await this.actions.break(checked(bodies[path], body));
        break;
      case '/api/heal':
        checked(bodies[path], body);
        await this.actions.heal();
        break;
      case '/api/demonstrate':
        return json(response, 200, await this.actions.demonstrate(checked(bodies[path], body)));
      default:
        return refuse(response, notFound);
    }
    json(response, 202, {});
  }
}

/** The path of a request's target, which may also name the host (RFC 9112, 3.2); undefined where it is neither. */
function pathOf(target: string): string | undefined {
  const url = target.startsWith('/') ? `http://console${target}` : target;
  return URL.canParse(url) ? new URL(url).pathname : undefined;
}

const tooManyPages: Refused = { status: 503, code: 'CANNOT_RUN', detail: `${mostPages} pages are open. Close one.` };

const notFound: Refused = { status: 404, code: 'NOT_FOUND', detail: 'There is nothing here.' };

/** A body that is no JSON, or too long. */
class BodyError extends Error {
  override readonly name = 'BodyError';
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > mostBodyBytes) throw new BodyError(`longer than ${mostBodyBytes} bytes`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyError('no JSON');
  }
}

/** @throws BodyError with what is wrong */
function checked<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(body);
  if (!success) throw new BodyError(z.prettifyError(error));
  return data;
}

/** What an error means to the page. Its message is shown, a stack trace never. */
function refusedBy(error: unknown): Refused {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof BodyError || error instanceof URIError) return { status: 400, code: 'BODY_REFUSED', detail };
  const isInUse = error instanceof WorkerRefusedError && error.isInUse;
  return { status: isInUse ? 409 : 503, code: isInUse ? 'LAB_IN_USE' : 'CANNOT_RUN', detail };
}

function refuse(response: ServerResponse, { status, ...refusal }: Refused): void {
  if (response.headersSent) response.destroy();
  else json(response, status, refusal satisfies Refusal, 'application/problem+json');
}

function json(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'Content-Type': type });
  response.end(JSON.stringify(body));
}

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
