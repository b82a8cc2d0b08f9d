/** How often a checker found something, and the first few examples, which a reader can look up in the history. */
export interface Finding {
  readonly count: number;
  readonly examples: readonly string[];
}

const maxExamples = 5;

/** Collects a {@link Finding}. */
export class Tally implements Finding {
  count = 0;
  readonly examples: string[] = [];

  /** @param describe called only for the first few, which become examples */
  add(describe: () => string, times = 1): void {
    this.count += times;
    if (this.examples.length < maxExamples) this.examples.push(describe());
  }
}

/** How an example names an operation. */
export const named = ({ id, key, session }: { id: number; key: string; session: string }): string =>
  `operation ${id} of ${session} on ${key}`;
