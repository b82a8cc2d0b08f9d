import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** An answer, whatever its status is. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

const agents = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) };

/**
 * Asks a part of the lab. The console does so ten times a second; `fetch` with a signal for its time limit takes twice the processor.
 *
 * @throws Error when there is no answer within `timeoutMs`
 */
export function look(url: string, timeoutMs: number, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isTls = url.startsWith('https:');
    const options = { agent: agents[isTls ? 'https:' : 'http:'], headers };
    const asked = (isTls ? httpsRequest : httpRequest)(url, options, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => settle(() => resolve({ status: response.statusCode ?? 0, text })));
      response.once('error', (error) => settle(() => reject(error)));
    });
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      end();
    };
    asked.once('error', (error) => settle(() => reject(error))).end();
  });
}
