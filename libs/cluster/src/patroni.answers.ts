// What Patroni's REST API answers, as far as anything here uses it.
import { z } from 'zod';

const memberSchema = z.object({
  name: z.string(),
  role: z.string(),
  state: z.string(),
  timeline: z.number().optional(),
});
/** The answer to `GET /cluster`. */
export const clusterSchema = z.object({ members: z.array(memberSchema), pause: z.boolean().default(false) });

/** A member as `GET /cluster` lists it. At most one has the role `leader`; a healthy replica has the state `streaming`. */
export type ClusterMember = z.output<typeof memberSchema>;

/** A member's answer to `GET /patroni`. On the leader `role` is `primary`, or `master` before Patroni 4. */
export const memberStatusSchema = z.object({
  state: z.string(),
  role: z.string(),
  timeline: z.number().optional(),
  replication_state: z.string().optional(),
  sync_standby: z.boolean().optional(),
  quorum_standby: z.boolean().optional(),
  patroni: z.object({ version: z.string(), name: z.string().optional() }).optional(),
  /** Positions in bytes: of the leader where it writes, of a replica what it has replayed. */
  xlog: z.object({ location: z.number(), replayed_location: z.number() }).partial().nullish(),
  /** When the member last reached etcd, in seconds since 1970. */
  dcs_last_seen: z.number().nullish(),
  pause: z.boolean().nullish(),
});

/** See {@link memberStatusSchema}. */
export type MemberStatus = z.output<typeof memberStatusSchema>;
