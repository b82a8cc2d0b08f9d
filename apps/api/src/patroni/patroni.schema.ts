import { z } from 'zod';

/** Roles of `GET /cluster`. A `standby_leader` leads a cluster that follows another one and takes no writes. */
const roleSchema = z.enum(['leader', 'standby_leader', 'replica', 'sync_standby', 'quorum_standby']);

const memberSchema = z.object({
  name: z.string(),
  /** A role that a later Patroni adds counts as a replica: one unknown word must not hide the other members. */
  role: roleSchema.catch('replica'),
  /** `running` for a leader, `streaming` for a healthy replica. */
  state: z.string(),
  host: z.string().optional(),
  port: z.number().optional(),
  api_url: z.string().optional(),
  timeline: z.number().optional(),
  /** Bytes behind the leader's position in the DCS, or `unknown`; absent on the leader. */
  lag: z.union([z.number(), z.string()]).optional(),
});

/** Answer of `GET /cluster`. */
export const clusterSchema = z.object({
  scope: z.string().optional(),
  members: z.array(memberSchema),
  pause: z.boolean().optional(),
  failsafe: z.boolean().optional(),
});

/** Answer of `GET /config`, as far as the service uses it. An absent setting has Patroni's default. */
export const configSchema = z.object({
  synchronous_mode: z.union([z.boolean(), z.string(), z.number()]).nullish(),
  synchronous_node_count: z.number().nullish(),
});

/** Patroni's live dynamic configuration. */
export type PatroniConfig = z.output<typeof configSchema>;

/** A member as Patroni describes it. */
export type PatroniMember = z.output<typeof memberSchema>;

/** The cluster as Patroni describes it. */
export type Cluster = z.output<typeof clusterSchema>;

/** Answer of `GET /history`: [timeline, switch LSN, reason, time, new leader]; the last two are absent in old entries. */
export const historySchema = z.array(
  z
    .tuple([z.number(), z.number(), z.string()])
    .rest(z.string().nullable())
    .transform(([timeline, lsn, reason, endedAt, newLeader]) => ({
      timeline,
      lsn,
      reason,
      endedAt: endedAt ?? null,
      newLeader: newLeader ?? null,
    })),
);

/** Where and why a timeline ended. */
export type HistoryEntry = z.output<typeof historySchema>[number];
