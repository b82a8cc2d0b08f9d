import type { ClusterClient } from './cluster.client.js';
import type { ClusterPool } from './cluster.pool.js';
import { classifyFailure } from './failure.table.js';
import type { IdleConnection, Rank } from './idle.choice.js';

/**
 * Takes a connection out of the pool for `work`, and gives it back. `rank` prefers some of the idle ones (lower first, see
 * `chooseIdle`).
 */
export async function withClient<T>(
  pool: ClusterPool,
  work: (client: ClusterClient) => Promise<T>,
  rank: Rank = anyOfThem,
): Promise<T> {
  const client = await pool.connectTo(rank);
  // Without a listener an error of the connection would end the process. The running statement reports it, and so does the pool at release.
  client.on('error', ignore);
  try {
    return await work(client);
  } catch (error) {
    // The client itself notices when the server ends a connection. Only here is a server noticed that stays silent.
    const { code, destroyConnection } = classifyFailure(error);
    if (destroyConnection) client.markUnfit(code);
    throw error;
  } finally {
    client.removeListener('error', ignore);
    client.release();
  }
}

/** {@link withClient} on an idle connection to this member; undefined when the pool has none. */
export async function withIdleClientTo<T>(
  pool: ClusterPool,
  member: string,
  work: (client: ClusterClient) => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  if (!pool.hasIdleTo(member)) return undefined;
  const isMember = ({ node }: Pick<IdleConnection, 'node'>) => node.member === member;
  const ifMember = async (client: ClusterClient) => (isMember(client) ? { value: await work(client) } : undefined);
  return withClient(pool, ifMember, (idle) => (isMember(idle) ? 0 : 1));
}

const anyOfThem: Rank = () => 0;
const ignore = () => undefined;
