import { z } from 'zod';

const lsnSchema = z.string().nullable().describe('LSN as PostgreSQL prints it, for example 0/5000148.');

/** Answer of `GET /cluster`. */
export const clusterDtoSchema = z.object({
  scope: z.string().nullable(),
  leader: z.string().nullable().describe('Null while there is none.'),
  timeline: z.number().int().nullable().describe("The leader's."),
  paused: z.boolean().describe('Whether Patroni is paused (no automatic failover).'),
  members: z.array(
    z.object({
      name: z.string(),
      host: z.string().nullable(),
      role: z.string(),
      state: z.string(),
      timeline: z.number().int().nullable(),
      lagBytes: z.number().int().nullable().describe('Behind the leader; 0 on the leader, null when unknown.'),
    }),
  ),
});

/** Answer of `GET /cluster/replication`: a row per connected standby, as the leader sees it. */
export const replicationDtoSchema = z.object({
  servedByNode: z.string(),
  currentLsn: z.string(),
  synchronousStandbyNames: z.string().describe("PostgreSQL's setting, maintained by Patroni."),
  standbys: z.array(
    z.object({
      member: z.string(),
      address: z.string().nullable(),
      state: z.string(),
      syncState: z.string().describe('quorum, sync, potential or async.'),
      sentLsn: lsnSchema,
      writeLsn: lsnSchema,
      flushLsn: lsnSchema,
      replayLsn: lsnSchema,
      lagBytes: z.number().int().nullable().describe('Not yet replayed.'),
      writeLagMs: z.number().nullable(),
      flushLagMs: z.number().nullable(),
      replayLagMs: z.number().nullable().describe('Null while idle and caught up.'),
      slot: z.string().nullable(),
      slotWalStatus: z.string().nullable(),
    }),
  ),
});

/** Answer of `GET /cluster/history`: how each past timeline ended, oldest first. */
export const historyDtoSchema = z.array(
  z.object({
    timeline: z.number().int(),
    switchLsn: z.string().describe('Where the next timeline branched off.'),
    reason: z.string(),
    endedAt: z.string().nullable(),
    newLeader: z.string().nullable(),
  }),
);

export type ClusterDto = z.output<typeof clusterDtoSchema>;
export type ReplicationDto = z.output<typeof replicationDtoSchema>;
export type HistoryDto = z.output<typeof historyDtoSchema>;
