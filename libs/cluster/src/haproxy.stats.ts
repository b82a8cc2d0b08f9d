/** One server of a backend, by HAProxy's checks. */
export interface ServerState {
  readonly backend: string;
  readonly server: string;
  readonly up: boolean;
}

/** Reads the servers from HAProxy's CSV statistics, without the totals of frontends and backends. */
export function parseStats(csv: string): ServerState[] {
  const [head = '', ...lines] = csv.trim().split('\n');
  const column = head.replace(/^# /, '').split(',').indexOf('status');
  return lines
    .map((line) => line.split(','))
    .filter(([, server]) => server !== 'FRONTEND' && server !== 'BACKEND')
    .map((row) => ({ backend: row[0] ?? '', server: row[1] ?? '', up: row[column]?.startsWith('UP') === true }));
}
