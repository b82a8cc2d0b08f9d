/** Sends a request of a session, with its token if it has one, and gives up after a bound. */
export function requestInSession(
  url: string,
  {
    method,
    token,
    body,
    boundMs,
  }: { method: 'GET' | 'POST' | 'PUT'; token: string | undefined; body?: object; boundMs: number },
): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { 'Consistency-Token': token }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(boundMs),
  });
}
