import { PostgresHaError } from '../errors/postgres-ha.error.js';

/** How fresh a read has to be, as a client asks for it. */
export type ReadConsistency =
  | { readonly mode: 'eventual' }
  | { readonly mode: 'session' }
  | { readonly mode: 'bounded'; readonly maxStalenessMs: number }
  | { readonly mode: 'strong' };

const maxStalenessLimitMs = 3_600_000;

/**
 * Reads the `Read-Consistency` header: `eventual`, `session` (when absent), `bounded; max-staleness=MS` or `strong`.
 *
 * @throws PostgresHaError `read_consistency_invalid`
 */
export function parseReadConsistency(header: string | undefined): ReadConsistency {
  const [mode = '', ...parameters] = (header ?? 'session').split(';').map((part) => part.trim().toLowerCase());
  if (mode === 'bounded') return { mode, maxStalenessMs: parseMaxStaleness(parameters) };
  if ((mode === 'eventual' || mode === 'session' || mode === 'strong') && parameters.length === 0) return { mode };
  throw invalid('Use eventual, session, strong or bounded; max-staleness=MILLISECONDS.');
}

function parseMaxStaleness(parameters: readonly string[]): number {
  const match = /^max-staleness\s*=\s*(\d{1,7})$/.exec(parameters[0] ?? '');
  const maxStalenessMs = Number(match?.[1]);
  if (parameters.length !== 1 || !(maxStalenessMs >= 1 && maxStalenessMs <= maxStalenessLimitMs)) {
    throw invalid(`bounded needs max-staleness=MILLISECONDS, 1 to ${maxStalenessLimitMs}.`);
  }
  return maxStalenessMs;
}

function invalid(detail: string): PostgresHaError {
  return new PostgresHaError('read_consistency_invalid', { detail });
}
