import { z } from 'zod';

/**
 * What can happen in a run, besides the operations.
 *
 * `fault`: the injection began. `healed`: everything that it broke was undone. `rejoined`: all members run and stream again. The
 * others are what the observer saw Patroni, etcd and HAProxy do.
 */
export const runEventKinds = [
  'fault',
  'healed',
  'rejoined',
  'lockReleased',
  'newLock',
  'promoted',
  'haproxyDown',
  'haproxyUp',
] as const;

/** One such event. */
export const runEventSchema = z.object({
  /** Milliseconds since the start of the run, as in operations. */
  atMs: z.number(),
  kind: z.enum(runEventKinds),
  /** Where the event was seen. */
  source: z.enum(['chaos', 'patroni', 'etcd', 'haproxy']),
  member: z.string().optional(),
  /** A few words for the report: the fault's name, the new holder of the lock. */
  detail: z.string().optional(),
});

/** See {@link runEventKinds}. */
export type RunEvent = Readonly<z.infer<typeof runEventSchema>>;

/** Role and state of a member at one moment. */
export const memberSampleSchema = z.object({
  atMs: z.number(),
  member: z.string(),
  /** Patroni's word: `primary`, `replica`, `sync_standby`…; `unreachable` where the member did not answer. */
  role: z.string(),
  /** `running`, `streaming`, `stopped`… */
  state: z.string().optional(),
  timeline: z.number().optional(),
});

/** See {@link memberSampleSchema}. It holds until the member's next sample. */
export type MemberSample = Readonly<z.infer<typeof memberSampleSchema>>;
