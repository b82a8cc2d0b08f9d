import { connect } from 'node:net';

/** A request in bytes. Unlike an HTTP client it can send what is not valid HTTP. Strings are sent as Latin-1. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const answerBoundMs = 15_000;

/**
 * Sends the request on a connection of its own and reads until the server closes it.
 *
 * @throws Error when there is no answer within 15 s, or none that is HTTP
 */
export async function sendRaw(url: string, request: RawRequest): Promise<RawResponse> {
  return parse(await exchange(new URL(url), serialize(request)));
}

function serialize({ method, target, headers, body }: RawRequest): Buffer {
  const length = body === undefined ? [] : [['Content-Length', String(body.length)] as const];
  const lines = [['Host', 'test'], ['Connection', 'close'], ...length, ...headers].map(
    ([name, value]) => `${name}: ${value}`,
  );
  const head = Buffer.from([`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'), 'latin1');
  return Buffer.concat([head, body ?? Buffer.alloc(0)]);
}

function exchange({ hostname, port }: URL, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const done = () => resolve(Buffer.concat(chunks).toString());
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(answerBoundMs, () => socket.destroy(new Error(`no answer within ${answerBoundMs} ms`)));
    socket.on('data', (chunk) => chunks.push(chunk)).on('close', done);
    // A server that answers before it has read the whole request closes with a reset. Its answer counts all the same.
    socket.on('error', (error) => (chunks.length > 0 ? done() : reject(error)));
  });
}

function parse(text: string): RawResponse {
  const end = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1]);
  if (end < 0 || Number.isNaN(status)) throw new Error(`not an HTTP answer: ${JSON.stringify(text.slice(0, 200))}`);
  const headers = lines
    .map((line) => line.split(/: (.*)/s))
    .map(([name = '', value = '']) => [name.toLowerCase(), value]);
  return { status, headers: new Map(headers as [string, string][]), body: text.slice(end + 4) };
}
