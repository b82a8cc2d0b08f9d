import { z } from 'zod';
import { figureNames } from '../checkers/verdict.js';
import { unnamedIn } from './capabilities.js';
import { namesIn } from './command.words.js';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and hyphens: it becomes the name of files')
  .max(60);

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A length of time such as `500ms`, `30s` or `2m`, in ms. */
const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h)$/, 'a length of time such as 500ms, 30s or 2m')
  .transform((text) => Number.parseInt(text, 10) * (unitMs[text.replace(/^\d+/, '')] ?? 0));

/** The name of a variable of the environment, from which a password is read. */
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'the name of a variable of the environment');

/** How much the server must prove: nothing at all, that it can encrypt, that its certificate is good, that it is also for this host. */
const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

const tlsSchema = z.strictObject({
  mode: z.enum(tlsModes).default('verify-full'),
  /** Files in PEM, relative to the target file. */
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
});

const partsSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(5432),
  user: z.string().min(1),
  database: z.string().min(1),
  /** @default `sql.passwordFrom` */
  passwordFrom: variable.optional(),
  tls: tlsSchema.optional(),
});

/** Where SQL is spoken. A password is never in it: `passwordFrom` names the variable of the environment that holds it. */
export type Endpoint = Readonly<z.output<typeof partsSchema>>;

/** A URL, or the same in parts. */
const endpointSchema = z.union([z.string().transform(endpointOf), partsSchema], {
  error: 'a URL such as postgresql://user@host:5432/database?sslmode=verify-full, or host, user and database',
});

function endpointOf(text: string, context: z.core.$RefinementCtx<string>): Endpoint {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message, input: text });
    return z.NEVER;
  };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol))
    return refuse('not a URL of one server, such as postgresql://user@host:5432/database');
  if (url.password !== '') return refuse('a password does not belong into a file: name its variable in passwordFrom');
  const query = new Map(url.searchParams);
  const mode = query.get('sslmode') ?? 'disable';
  const unknown = [...query.keys()].filter((key) => !['sslmode', 'sslrootcert', 'sslcert', 'sslkey'].includes(key));
  if (unknown.length > 0)
    return refuse(`${unknown.join(', ')} is not known here; known: sslmode, sslrootcert, sslcert, sslkey`);
  const parts = partsSchema.safeParse({
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : Number(url.port),
    user: decodeURIComponent(url.username),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls: { mode, ca: query.get('sslrootcert'), cert: query.get('sslcert'), key: query.get('sslkey') },
  });
  if (parts.success) return parts.data;
  return refuse(parts.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

/**
 * A program with its arguments, or one line for `sh`. In arguments `{leader}`, `{replica}` and `{replicas}` stand for names of
 * members; a line for `sh` finds them in `$LEADER`, `$REPLICA` and `$REPLICAS`.
 */
const commandSchema = z.union(
  [
    z.array(z.string()).min(1),
    // A word alone is a list that lacks its brackets: `heal: [docker, start]` would be two commands.
    z
      .string()
      .refine((line) => /\S\s+\S/.test(line), 'one word: a command is a list of words, as in - [docker, start, x]'),
  ],
  { error: 'a list of words such as [docker, kill, "{leader}"], or one line for sh' },
);
const boundsSchema = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .transform(({ min, max }) => ({ ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }));

const faultSchema = z.strictObject({
  /** One line for `chaos list` and the question before the first break. */
  description: z.string().min(1),
  /** Run one after the other. */
  inject: z.array(commandSchema).min(1),
  /**
   * Undo it, one after the other. Each may be run more than once, and also where nothing is broken: after Ctrl-C, and after a
   * crash of the judge.
   */
  heal: z.array(commandSchema),
  /** The longest that each command may take. */
  timeout: duration.default(60_000),
  /** How long the fault lasts after `inject`, and after another member leads where `failover` is true. */
  hold: duration.default(5_000),
  /** Whether another member must lead at the end (true), or must not (false). Absent: both pass. */
  failover: z.boolean().optional(),
  /** How long to wait for the failover. */
  failoverWithin: duration.default(120_000),
  /** Bounds of figures that a run must keep, besides those of every run (no acknowledged write lost, …), which they may replace. */
  expects: z.partialRecord(z.enum(figureNames), boundsSchema).default({}),
});

/** A fault of a target file. */
export type TargetFault = Readonly<z.output<typeof faultSchema>>;

const httpUrl = z.url({ protocol: /^https?$/, error: 'a URL that begins with http:// or https://' });

/** How a cluster is reached, and how it is broken and mended: what a target file says. docs/judge.md explains it. */
export const targetSchema = z
  .strictObject({
    /** For editors: where the JSON Schema is. */
    $schema: z.string().optional(),
    version: z.literal(1, 'this version of the judge knows version 1'),
    /** The name of the target, in reports and of its journal. */
    name,
    sql: z.strictObject({
      /** Where writes go: whoever leads. */
      write: endpointSchema,
      /** Where reads go that any replica may answer. */
      read: endpointSchema.optional(),
      passwordFrom: variable.optional(),
      /**
       * An SQL expression that names the server that runs it. The default is not stable where a server may come back with another
       * address on the same timeline.
       */
      identity: z.string().min(1).default("host(inet_server_addr()) || ':' || inet_server_port()"),
    }),
    /** A service that keeps the HTTP contract of this project. */
    http: httpUrl.optional(),
    /** Patroni's REST API of each member. */
    patroni: z.array(httpUrl).min(1).optional(),
    /** Each server by itself: Patroni's name of it where there is Patroni, and where it answers SQL. */
    members: z.record(z.string().min(1), endpointSchema).optional(),
    faults: z.record(name, faultSchema),
  })
  .superRefine(({ faults, ...named }, context) => {
    const unnamed = unnamedIn(named);
    for (const [fault, { inject, heal, expects }] of Object.entries(faults)) {
      const words = [...inject, ...heal].flatMap((command) => namesIn(command));
      if (words.length > 0 && named.patroni === undefined && named.members === undefined)
        refuse(['faults', fault], `${words[0]} is not known without patroni or members`);
      for (const figure of Object.keys(expects) as (typeof figureNames)[number][]) {
        const path = ['faults', fault, 'expects', figure];
        if (figure.startsWith('recovery')) refuse(path, 'is measured in the lab alone');
        const untold = unnamed.find((other) => other.figure === figure);
        if (untold !== undefined) refuse(path, `is not measured: ${untold.reason}`);
      }
    }
    function refuse(path: string[], message: string): void {
      context.addIssue({ code: 'custom', path, message, input: faults });
    }
  });

/** See {@link targetSchema}. */
export type Target = Readonly<z.output<typeof targetSchema>>;

/** The JSON Schema of a target file, by which editors complete it. */
export const targetJsonSchema = (): object => z.toJSONSchema(targetSchema, { io: 'input', unrepresentable: 'any' });
