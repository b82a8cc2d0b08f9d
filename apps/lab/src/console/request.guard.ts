import { timingSafeEqual } from 'node:crypto';
import type { Refusal } from '../../../../libs/live/src/protocol.js';

/** What is checked of a request. */
export interface GuardedRequest {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  /** `Sec-Fetch-Site`: where a browser says that the request comes from. Programs, and old browsers, send none. */
  readonly site: string | undefined;
}

/** Why a request is refused, and with which status. */
export interface Refused extends Refusal {
  readonly status: number;
}

/**
 * Whether a request may be answered. The console listens on this machine only, but every page in the user's browser can send
 * requests there. So the host must be one of ours (a name of somebody else that leads here is DNS rebinding), an origin must be
 * this page's own, and a call that changes something must carry the token of the URL that the command has printed. Another page cannot
 * know it; and JSON it could not send without asking first (fetch standard, CORS-safelisted request headers).
 *
 * @param port the console's own
 */
export function refusalOf(request: GuardedRequest, port: number, token: string): Refused | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(request.host ?? ''))
    return { status: 421, code: 'HOST_REFUSED', detail: `Ask http://127.0.0.1:${port}.` };
  if (request.origin !== undefined && !hosts.some((host) => request.origin === `http://${host}`))
    return { status: 403, code: 'ORIGIN_REFUSED', detail: 'Another page may not use the console.' };
  // Requests without an origin, such as those for pictures: another site could hold the page's connections open, and keep the console from healing.
  if (request.site !== undefined && request.site !== 'same-origin' && request.site !== 'none')
    return { status: 403, code: 'ORIGIN_REFUSED', detail: 'Another page may not use the console.' };
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  if (request.contentType?.split(';')[0]?.trim() !== 'application/json')
    return { status: 415, code: 'BODY_REFUSED', detail: 'Send JSON.' };
  if (!isToken(request.authorization, token))
    return {
      status: 401,
      code: 'TOKEN_REFUSED',
      detail: 'Open the URL that scripts/lab console has printed: it carries the token.',
    };
  return undefined;
}

function isToken(authorization: string | undefined, token: string): boolean {
  const expected = Buffer.from(`Bearer ${token}`);
  const given = Buffer.from(authorization ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
