/** How often something was found, and the first few places, so that a reader can look them up in the history. */
export interface Finding {
  readonly count: number;
  readonly examples: readonly string[];
}

const maxExamples = 5;

/** Collects a {@link Finding}. */
export class Tally implements Finding {
  count = 0;
  readonly examples: string[] = [];

  /** @param describe called only while examples are wanted */
  add(describe: () => string, times = 1): void {
    this.count += times;
    if (this.examples.length < maxExamples) this.examples.push(describe());
  }
}

/** Names an operation in an example. */
export const named = ({ id, key, session }: { id: number; key: string; session: string }): string =>
  `operation ${id} of ${session} on ${key}`;
