import type { DataSource } from 'typeorm';
import type { ReplicationDto } from './cluster.schema.js';

type ReplicationRow = ReplicationDto['standbys'][number] & Omit<ReplicationDto, 'standbys'>;

const sql = `
  SELECT host(inet_server_addr()) AS "servedByNode", current_lsn::text AS "currentLsn",
         current_setting('synchronous_standby_names') AS "synchronousStandbyNames",
         application_name AS member, client_addr AS address, state, sync_state AS "syncState",
         sent_lsn::text AS "sentLsn", write_lsn::text AS "writeLsn", flush_lsn::text AS "flushLsn",
         replay_lsn::text AS "replayLsn", (current_lsn - replay_lsn)::float8 AS "lagBytes",
         (1000 * extract(epoch FROM write_lag))::float8 AS "writeLagMs",
         (1000 * extract(epoch FROM flush_lag))::float8 AS "flushLagMs",
         (1000 * extract(epoch FROM replay_lag))::float8 AS "replayLagMs",
         slot_name AS slot, slot_wal_status AS "slotWalStatus"
  FROM pg_current_wal_flush_lsn() AS current_lsn LEFT JOIN lab.replication_status() AS standby ON true
  ORDER BY application_name`;

/** Every connected standby as the leader sees it. `leader` must reach the leader: a replica has no WAL of its own. */
export async function queryReplication(leader: DataSource): Promise<ReplicationDto> {
  const rows = await leader.query<ReplicationRow[]>(sql);
  const { servedByNode, currentLsn, synchronousStandbyNames } = rows[0] as ReplicationRow;
  const standbys = rows
    .filter(({ member }) => member !== null)
    .map(({ servedByNode: _node, currentLsn: _lsn, synchronousStandbyNames: _names, ...standby }) => ({
      ...standby,
      lagBytes: standby.lagBytes === null ? null : Math.max(0, standby.lagBytes),
    }));
  return { servedByNode, currentLsn, synchronousStandbyNames, standbys };
}
