/** Whether snapshots come. `sinceMs`: when the page noticed that they do not, as `Date.now()`. */
export type Connection =
  { readonly kind: 'connecting' } | { readonly kind: 'live' } | { readonly kind: 'lost'; readonly sinceMs: number };

/** Snapshots come every 100 ms. After so long without one the connection counts as lost, though nobody has closed it. */
export const silentAfterMs = 1_500;

/** What has happened to the connection: a snapshot came; the browser reported an error; nothing came for {@link silentAfterMs}. */
export type ConnectionEvent = 'snapshot' | 'error' | 'silence';

const live: Connection = { kind: 'live' };

/** The state after an event. It stays the same object while nothing changes. */
export function nextConnection(connection: Connection, event: ConnectionEvent, nowMs: number): Connection {
  if (event === 'snapshot') return connection.kind === 'live' ? connection : live;
  return connection.kind === 'lost' ? connection : { kind: 'lost', sinceMs: nowMs };
}
