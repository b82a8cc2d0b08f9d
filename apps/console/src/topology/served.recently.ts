/** When each member last answered a client, on the server's clock. */
export type ServedAt = Readonly<Record<string, number>>;

/** With what was answered in the second before `atMs`. */
export function nextServedAt(servedAt: ServedAt, perSecond: Readonly<Record<string, number>>, atMs: number): ServedAt {
  const serving = Object.entries(perSecond).filter(([, count]) => count > 0);
  return serving.length === 0
    ? servedAt
    : { ...servedAt, ...Object.fromEntries(serving.map(([name]) => [name, atMs])) };
}

/** How much a member serves, in words that need no colour. */
export function servedText(perSecond: number | undefined, servedAtMs: number | undefined, nowMs: number): string {
  if (perSecond !== undefined && perSecond > 0) return `● ${Math.round(perSecond)}/s`;
  if (servedAtMs === undefined) return '○ not yet';
  return `○ ${Math.max(1, Math.round((nowMs - servedAtMs) / 1_000))} s ago`;
}
