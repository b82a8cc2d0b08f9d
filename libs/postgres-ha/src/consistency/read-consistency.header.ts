import { parseItem, Token, type Item, type Parameters } from 'structured-headers';
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
  if (header === undefined) return { mode: 'session' };
  const [item, parameters] = parseLenient(header);
  const mode = item instanceof Token ? item.toString() : undefined;
  if (mode === 'bounded') return { mode, maxStalenessMs: maxStalenessIn(parameters) };
  if ((mode === 'eventual' || mode === 'session' || mode === 'strong') && parameters.size === 0) return { mode };
  throw unknown();
}

/** An item of RFC 9651. It allows neither capitals in the name of a parameter nor blanks around `=`, but people type them. */
function parseLenient(header: string): Item {
  const parts = header.toLowerCase().split(/([;=])/);
  try {
    return parseItem(parts.map((part) => part.trim()).join(''));
  } catch {
    throw unknown();
  }
}

function maxStalenessIn(parameters: Parameters): number {
  const maxStalenessMs = parameters.get('max-staleness');
  const isWhole = typeof maxStalenessMs === 'number' && Number.isInteger(maxStalenessMs);
  if (parameters.size === 1 && isWhole && maxStalenessMs >= 1 && maxStalenessMs <= maxStalenessLimitMs) {
    return maxStalenessMs;
  }
  throw invalid(`bounded needs max-staleness=MILLISECONDS, 1 to ${maxStalenessLimitMs}.`);
}

const unknown = () => invalid('Use eventual, session, strong or bounded; max-staleness=MILLISECONDS.');

function invalid(detail: string): PostgresHaError {
  return new PostgresHaError('read_consistency_invalid', { detail });
}
