import { z } from 'zod';

/**
 * Something that happened in a run, besides the operations.
 *
 * `fault` begins when the injection is called, `healed` when everything it broke is allowed to work again, `rejoined` when
 * all members run and stream again. The rest is what Patroni, etcd and HAProxy were seen to do.
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
  /** On the axis of the operations. */
  atMs: z.number(),
  kind: z.enum(runEventKinds),
  /** Whose clock or log it comes from. */
  source: z.enum(['chaos', 'patroni', 'etcd', 'haproxy']),
  member: z.string().optional(),
  /** A few words for the report: the fault's name, the new holder of the lock. */
  detail: z.string().optional(),
});

/** See {@link runEventKinds}. */
export type RunEvent = Readonly<z.infer<typeof runEventSchema>>;

/** What a member was when it was looked at. */
export const memberSampleSchema = z.object({
  atMs: z.number(),
  member: z.string(),
  /** Patroni's word: `primary`, `replica`, `sync_standby`…; `unreachable` where nobody answered. */
  role: z.string(),
  /** `running`, `streaming`, `stopped`… */
  state: z.string().optional(),
  timeline: z.number().optional(),
});

/** See {@link memberSampleSchema}. A member keeps what it was until its next sample. */
export type MemberSample = Readonly<z.infer<typeof memberSampleSchema>>;
