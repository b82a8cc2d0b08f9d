/** One server of one backend, as HAProxy's checks see it. */
export interface ServerState {
  readonly backend: string;
  readonly server: string;
  readonly up: boolean;
}

/** Reads HAProxy's CSV statistics; the totals of a frontend or backend are no servers. */
export function parseStats(csv: string): ServerState[] {
  const [head = '', ...lines] = csv.trim().split('\n');
  const column = head.replace(/^# /, '').split(',').indexOf('status');
  return lines
    .map((line) => line.split(','))
    .filter(([, server]) => server !== 'FRONTEND' && server !== 'BACKEND')
    .map((row) => ({ backend: row[0] ?? '', server: row[1] ?? '', up: row[column]?.startsWith('UP') === true }));
}
