import { signal } from '@preact/signals';
import type { FaultView, Refusal, Requests, RunView, TimelineView } from '../../../../libs/live/src/protocol.js';

const storedAs = 'console-token';
const answerWithinMs = 10_000;

/** Whether this page may change anything: it was opened with the token that `scripts/lab console` printed. */
export const mayChange = signal(false);
/** Why the last request was refused; null after one that was accepted. */
export const refused = signal<string | null>(null);

/**
 * Takes the token out of the address, so that it is neither seen nor shared with it. The tab keeps it for a reload, and forgets it
 * when it is closed.
 */
export function takeToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) {
    sessionStorage.setItem(storedAs, token);
    history.replaceState(null, '', location.pathname + location.search);
  }
  mayChange.value = sessionStorage.getItem(storedAs) !== null;
}

/** What can be asked for without a token. */
export interface Answers {
  '/api/faults': readonly FaultView[];
  '/api/runs': readonly RunView[];
  '/api/timelines': readonly TimelineView[];
}

/** @throws Error when there is no answer within 10 s, or none that is a success */
export async function ask<Path extends keyof Answers>(path: Path): Promise<Answers[Path]> {
  const answer = await fetch(path, { signal: AbortSignal.timeout(answerWithinMs) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as Answers[Path];
}

/** Asks for a change. Resolves to whether it was accepted; if not, {@link refused} says why. */
export async function change<Path extends keyof Requests>(path: Path, body: Requests[Path]): Promise<boolean> {
  return (await send(path, body, answerWithinMs)) !== undefined;
}

/**
 * The body of a success; undefined after a refusal.
 *
 * @param withinMs how long the server may take
 */
export async function send<Path extends keyof Requests>(
  path: Path,
  body: Requests[Path],
  withinMs: number,
): Promise<unknown> {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${sessionStorage.getItem(storedAs) ?? ''}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(withinMs),
    });
    const received: unknown = await answer.json().catch(() => ({}));
    refused.value = answer.ok
      ? null
      : ((received as Partial<Refusal>).detail ?? `The server answered ${answer.status}.`);
    return answer.ok ? received : undefined;
  } catch {
    refused.value = 'The server did not answer. Does scripts/lab console still run?';
    return undefined;
  }
}
