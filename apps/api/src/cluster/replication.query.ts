import { type ClusterClient, type ClusterPool, codeOf, withClient } from '../../../../libs/postgres-ha/src/index.js';
import type { HistoryDto, ReplicationDto, WalReceiver } from './cluster.schema.js';

/** What the leader itself knows of replication. */
export type LeaderView = Omit<ReplicationDto, 'synchronous' | 'walReceivers'> & { readonly synchronousCommit: string };

const sql = `
  SELECT host(inet_server_addr()) AS "servedByNode", current_lsn::text AS "currentLsn",
         current_setting('synchronous_standby_names') AS "synchronousStandbyNames",
         current_setting('synchronous_commit') AS "synchronousCommit",
         (SELECT coalesce(json_agg(standby ORDER BY member), '[]') FROM (
           SELECT application_name AS member, client_addr AS address, state, sync_state AS "syncState",
                  sent_lsn::text AS "sentLsn", write_lsn::text AS "writeLsn", flush_lsn::text AS "flushLsn",
                  replay_lsn::text AS "replayLsn", greatest(0, current_lsn - replay_lsn)::float8 AS "lagBytes",
                  (1000 * extract(epoch FROM write_lag))::float8 AS "writeLagMs",
                  (1000 * extract(epoch FROM flush_lag))::float8 AS "flushLagMs",
                  (1000 * extract(epoch FROM replay_lag))::float8 AS "replayLagMs",
                  -- PostgreSQL 17 may report a replay_lag that grows while there is nothing to replay.
                  CASE WHEN replay_lsn >= current_lsn THEN 0 ELSE coalesce(extract(epoch FROM replay_lag), 0) END::float8 AS "lagSeconds",
                  slot_name AS slot, slot_wal_status AS "slotWalStatus"
           FROM lab.replication_status()
           -- What makes a base backup or keeps WAL (infra/backup) is no standby: it replays nothing.
           WHERE state <> 'backup' AND slot_name IS DISTINCT FROM 'barman') AS standby) AS standbys,
         (SELECT coalesce(json_agg(slot ORDER BY name), '[]') FROM (
           SELECT slot_name AS name, slot_type AS type, active, restart_lsn::text AS "restartLsn",
                  greatest(0, retained_bytes)::float8 AS "retainedBytes", wal_status AS "walStatus"
           FROM lab.replication_slots()) AS slot) AS slots
  FROM pg_current_wal_flush_lsn() AS current_lsn`;

/** Every connected standby and every slot as the leader sees them. `leader` must reach the leader. */
export async function queryReplication(leader: ClusterPool): Promise<LeaderView> {
  const { rows } = await withClient(leader, (client) => client.query<LeaderView>(sql));
  return rows[0] as LeaderView;
}

/** SQLSTATEs of a function, or its schema, that is not there. */
const notInstalled: readonly string[] = ['42883', '3F000'];

/** Whether the functions that tell of replication are missing, as in a database that was made without the lab's scripts. */
export const isNotInstalled = (error: unknown): boolean => notInstalled.includes(codeOf(error));

const receiverSql = `
  SELECT status, sender_host AS "senderHost", sender_port AS "senderPort", timeline, slot_name AS slot,
         written_lsn::text AS "writtenLsn", flushed_lsn::text AS "flushedLsn", replay_lsn::text AS "replayLsn",
         replay_pause_state AS "replayState", to_json(last_message_at) #>> '{}' AS "lastMessageAt",
         to_json(last_replayed_commit_at) #>> '{}' AS "lastReplayedCommitAt"
  FROM lab.wal_receiver()`;

/** How the standby at the other end sees its own stream. */
export async function queryWalReceiver(
  standby: Pick<ClusterClient, 'query'>,
): Promise<Omit<WalReceiver, 'member' | 'error'>> {
  const { rows } = await standby.query<Omit<WalReceiver, 'member' | 'error'>>(receiverSql);
  return rows[0] as Omit<WalReceiver, 'member' | 'error'>;
}

/** Where and why each past timeline ended, oldest first, as the server at the other end knows it. It knows no time and no leader. */
export async function queryHistory(leader: ClusterPool): Promise<HistoryDto> {
  const text = 'SELECT timeline, lsn::text AS "switchLsn", reason FROM lab.ended_timelines() ORDER BY timeline';
  const { rows } = await withClient(leader, (client) =>
    client.query<Pick<HistoryDto[number], 'timeline' | 'switchLsn' | 'reason'>>(text),
  );
  return rows.map((row) => ({ ...row, endedAt: null, newLeader: null }));
}
