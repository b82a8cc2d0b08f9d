import type { LogEntry, Snapshot } from '../../../../libs/live/src/protocol.js';
import { type ConnectionEvent, silentAfterMs } from './connection.state.js';

/** Who is told what the server sends. */
export interface LiveListener {
  snapshot(snapshot: Snapshot): void;
  log(entry: LogEntry): void;
  connection(event: ConnectionEvent): void;
}

const watchEveryMs = 250;
/** A connection over which nothing comes for so long is given up and made anew. */
const renewAfterMs = 5_000;

/**
 * Listens to `GET /api/live` for as long as the page is open. A browser connects again by itself after an error of the network, but
 * not after an answer that is an error, and it notices nothing when a computer was asleep: a watch does both.
 */
export function listen(listener: LiveListener): void {
  let source: EventSource;
  let heardAtMs = performance.now();

  const connect = (): void => {
    source = new EventSource('/api/live');
    source.addEventListener('snapshot', ({ data }) => {
      heardAtMs = performance.now();
      listener.snapshot(JSON.parse(String(data)) as Snapshot);
      listener.connection('snapshot');
    });
    source.addEventListener('log', ({ data }) => listener.log(JSON.parse(String(data)) as LogEntry));
    source.addEventListener('error', () => listener.connection('error'));
  };

  connect();
  setInterval(() => {
    const silentMs = performance.now() - heardAtMs;
    if (silentMs > silentAfterMs) listener.connection('silence');
    if (silentMs > renewAfterMs) {
      heardAtMs = performance.now();
      source.close();
      connect();
    }
  }, watchEveryMs);
}
