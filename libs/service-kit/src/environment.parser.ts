import type { z } from 'zod';

/** Thrown when variables are missing or wrong; names every one of them and shows no value. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';

  constructor(readonly problems: readonly string[]) {
    super(`Invalid environment, ${problems.length} problem(s):\n${problems.map((line) => `  - ${line}`).join('\n')}`);
  }
}

/**
 * Reads the variables that `schema` names out of `source`; others are ignored.
 * An empty string counts as absent, which is what `VAR=` in a compose file means.
 *
 * @throws InvalidEnvironmentError listing every problem at once.
 */
export function parseVariables<T extends z.ZodObject>(
  schema: T,
  source: Readonly<Record<string, string | undefined>>,
): z.output<T> {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return present[name] === undefined ? `${name}: is required` : `${name}: ${describeIssue(issue)}`;
  });
  throw new InvalidEnvironmentError([...new Set(problems)]);
}

/** Used instead of zod's messages, some of which quote the received value. */
function describeIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' character(s) long' : ''}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'invalid_format':
      return `must be a valid ${issue.format}`;
    case 'invalid_type':
      return `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}`;
    default:
      return 'is invalid';
  }
}
