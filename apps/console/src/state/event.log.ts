import type { LogEntry } from '../../../../libs/live/src/protocol.js';

/** As many lines as the page keeps. */
export const mostEntries = 500;

/**
 * The log with one more entry, newest first. The server sends its newest entries again to every new connection: those are not added
 * twice. A server that has started again counts from 1 anew, so the time decides, too.
 */
export function withEntry(log: readonly LogEntry[], entry: LogEntry): readonly LogEntry[] {
  if (log.some(({ id, atMs }) => id === entry.id && atMs === entry.atMs)) return log;
  const later = log.findIndex(({ atMs, id }) => atMs < entry.atMs || (atMs === entry.atMs && id < entry.id));
  const at = later === -1 ? log.length : later;
  return [...log.slice(0, at), entry, ...log.slice(at)].slice(0, mostEntries);
}
