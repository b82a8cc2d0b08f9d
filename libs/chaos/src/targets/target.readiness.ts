import { unmeasured, type Untold } from './capabilities.js';
import { findSchema, schemaFate, type FoundSchema } from './judge.schema.js';
import type { TargetCluster } from './target.cluster.js';
import type { Target } from './target.schema.js';

/** What is known of a target before faults are run on it. */
export interface Known {
  readonly target: Pick<Target, 'faults'>;
  readonly untold: readonly Untold[];
  readonly schema: FoundSchema;
  /** Why it is not healthy; undefined where it is. */
  readonly unhealthy?: string | undefined;
}

/** What to do about the judge's schema, or why nothing may be run. */
export type Readiness = { readonly schema: 'create' | 'use' } | { readonly refusals: readonly string[] };

/** Decides whether faults may be run, for the command that runs them and for the one that only checks. */
export function readinessFrom({ target, untold, schema, unhealthy }: Known, faults: readonly string[]): Readiness {
  const fate = schemaFate(schema);
  const refusals = [
    ...faults.flatMap((name) => unmeasured(name, target.faults[name]!, untold)),
    ...(unhealthy === undefined ? [] : [`${unhealthy}. Only a healthy cluster is broken`]),
    ...(fate.do === 'refuse' ? [fate.why] : []),
  ];
  return fate.do === 'refuse' || refusals.length > 0 ? { refusals } : { schema: fate.do };
}

/**
 * Asks a cluster whether these faults may be run on it now. Changes nothing.
 *
 * @param boundMs how long it may take to be healthy
 * @throws Error where it no longer answers, or the reason of the signal
 */
export async function readinessOf(
  cluster: TargetCluster,
  faults: readonly string[],
  boundMs: number,
  signal: AbortSignal,
): Promise<Readiness> {
  const unhealthy = await cluster.waitHealthy(boundMs, signal).then(
    () => undefined,
    (error: Error) => {
      signal.throwIfAborted();
      return error.message;
    },
  );
  const { target, untold, write } = cluster;
  return readinessFrom({ target, untold, schema: await findSchema(write), unhealthy }, faults);
}
