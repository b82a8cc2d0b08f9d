/** One server of a backend, by HAProxy's checks. */
export interface ServerState {
  readonly backend: string;
  readonly server: string;
  readonly up: boolean;
}

/** Reads the servers from HAProxy's CSV statistics, without the totals of frontends and backends. */
export function parseStats(csv: string): ServerState[] {
  return serverStatuses(csv).map(({ value, ...server }) => ({ ...server, up: value.startsWith('UP') }));
}

/** The servers with HAProxy's own word for their state: `UP`, `DOWN 1/2`, `MAINT (resolution)`… */
export const serverStatuses = (csv: string) => serversOf(csv, 'status');

/** How many sessions HAProxy has passed on to the servers of these backends since it was started. */
export function sessionsOf(csv: string, backends: readonly string[]): number {
  return serversOf(csv, 'stot')
    .filter(({ backend }) => backends.includes(backend))
    .reduce((sum, { value }) => sum + Number(value), 0);
}

/** One column of the statistics, for each server. */
function serversOf(csv: string, column: string): { backend: string; server: string; value: string }[] {
  const [head = '', ...lines] = csv.trim().split('\n');
  const index = head.replace(/^# /, '').split(',').indexOf(column);
  return lines
    .map((line) => line.split(','))
    .filter(([, server]) => server !== 'FRONTEND' && server !== 'BACKEND')
    .map((row) => ({ backend: row[0] ?? '', server: row[1] ?? '', value: row[index] ?? '' }));
}
