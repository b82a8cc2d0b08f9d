import { z } from 'zod';

const lsnSchema = z.string().nullable().describe('LSN as PostgreSQL prints it, for example 0/5000148.');

/** Answer of `GET /cluster`. */
export const clusterDtoSchema = z.object({
  source: z.enum(['patroni', 'postgresql']).describe('Who tells: Patroni, or where there is none the leader itself.'),
  note: z.string().nullable().describe('What the source cannot tell; null when that is nothing.'),
  scope: z.string().nullable().describe("Patroni's name of the cluster; null without Patroni."),
  leader: z.string().nullable().describe('Null while there is none.'),
  timeline: z.number().int().nullable().describe("The leader's."),
  paused: z.boolean().nullable().describe('Whether Patroni is paused (no automatic failover); null without Patroni.'),
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

const timeSchema = z.string().nullable().describe('RFC 3339.');

/** How a standby sees its own stream (pg_stat_wal_receiver). */
const walReceiverSchema = z.object({
  member: z.string(),
  status: z.string().nullable().describe('streaming; null while it receives from nobody.'),
  senderHost: z.string().nullable(),
  senderPort: z.number().int().nullable(),
  timeline: z.number().int().nullable().describe('Of what it receives.'),
  slot: z.string().nullable(),
  writtenLsn: lsnSchema,
  flushedLsn: lsnSchema,
  replayLsn: lsnSchema,
  replayState: z.string().nullable().describe('not paused, pause requested or paused; null on a leader.'),
  lastMessageAt: timeSchema,
  lastReplayedCommitAt: timeSchema,
});

/** A replication slot of the leader. */
const slotSchema = z.object({
  name: z.string(),
  type: z.string(),
  active: z.boolean(),
  restartLsn: lsnSchema,
  retainedBytes: z.number().nullable().describe('WAL the leader keeps for it.'),
  walStatus: z.string().nullable(),
});

/** Whom a commit waits for. */
const synchronousSchema = z.object({
  mode: z
    .enum(['quorum', 'sync', 'async'])
    .nullable()
    .describe(
      "Of Patroni's configuration; null when it is away. Without Patroni, what follows from synchronous_standby_names.",
    ),
  nodeCount: z.number().int().nullable().describe('How many standbys a commit waits for; null when Patroni is away.'),
  standbyNames: z.string().describe("PostgreSQL's synchronous_standby_names, maintained by Patroni or an operator."),
  commit: z.string().describe("PostgreSQL's synchronous_commit."),
  because: z.string().describe('What follows from it, in a sentence.'),
});

/** Answer of `GET /cluster/replication`: what the leader sees of each standby, and each standby of itself. */
export const replicationDtoSchema = z.object({
  servedByNode: z.string(),
  currentLsn: z.string(),
  synchronousStandbyNames: z.string().describe("PostgreSQL's setting, maintained by Patroni or an operator."),
  synchronous: synchronousSchema,
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
      lagSeconds: z.number().describe('What the last commits took to be replayed; 0 while idle and caught up.'),
      slot: z.string().nullable(),
      slotWalStatus: z.string().nullable(),
    }),
  ),
  slots: z.array(slotSchema),
  walReceivers: z.array(
    z.union([walReceiverSchema, z.object({ member: z.string(), error: z.string().describe('Why it was not asked.') })]),
  ),
});

/** Answer of `GET /cluster/history`: how each past timeline ended, oldest first. */
export const historyDtoSchema = z.array(
  z.object({
    timeline: z.number().int(),
    switchLsn: z.string().describe('Where the next timeline branched off.'),
    reason: z.string(),
    endedAt: z.string().nullable().describe('Null without Patroni.'),
    newLeader: z.string().nullable().describe('Null without Patroni.'),
  }),
);

export type ClusterDto = z.output<typeof clusterDtoSchema>;
export type ReplicationDto = z.output<typeof replicationDtoSchema>;
/** One entry of `walReceivers`. */
export type WalReceiver = ReplicationDto['walReceivers'][number];
export type Synchronous = ReplicationDto['synchronous'];
export type HistoryDto = z.output<typeof historyDtoSchema>;
