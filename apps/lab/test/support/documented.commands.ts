import { filesBelow, readDocuments, type CodeBlock } from './documents.js';

/**
 * How the commands of a block are tested. The fence of the block says it:
 *
 * - `run`: the e2e tier runs it against the lab, and it must succeed.
 * - `tested-by=NAME`: a test in the file `NAME` does the same, and checks more than an exit status.
 * - `not-tested="why"`: no test runs it.
 */
export type Treatment =
  | { readonly kind: 'run' }
  | { readonly kind: 'tested-by'; readonly file: string }
  | { readonly kind: 'not-tested'; readonly reason: string };

/** A block of commands in README.md or docs/. */
export interface CommandBlock {
  /** `docs/runbook.md:12`. */
  readonly where: string;
  /** One shell script, without prompts and output. */
  readonly script: string;
  /** First lines of the HTTP answers that it shows: `HTTP/1.1 200 OK`. */
  readonly statusLines: readonly string[];
  /** Undefined where the fence says nothing, or something unknown. */
  readonly treatment: Treatment | undefined;
}

/** Languages of blocks with commands. `console` has a prompt before each command, and its output; else every line is a command. */
const shells = ['sh', 'bash', 'console'];

export const treatmentOf = (info: string): Treatment | undefined => {
  const [, run, file, reason] = /^(?:(run)|tested-by=(\S+)|not-tested="([^"]+)")$/.exec(info) ?? [];
  if (run !== undefined) return { kind: 'run' };
  if (file !== undefined) return { kind: 'tested-by', file };
  return reason === undefined ? undefined : { kind: 'not-tested', reason };
};

/** The commands of a block as one script. In `console` they follow `$ `, and `> ` where a command goes on in the next line. */
export function scriptOf({ language, lines }: Pick<CodeBlock, 'language' | 'lines'>): string {
  if (language !== 'console') return lines.join('\n');
  let typed = false;
  const commands = lines.filter((line) => (typed = line.startsWith('$ ') || (typed && line.startsWith('> '))));
  return commands.map((line) => line.slice(2)).join('\n');
}

/** The first lines of HTTP answers as curl prints them, also where one follows a body without a newline. */
export const statusLinesOf = (printed: string): string[] => printed.match(/HTTP\/[\d.]+ \d{3}[^\r\n]*/g) ?? [];

/** README.md and the pages of docs/, from which readers copy commands. */
const guides = () =>
  readDocuments(['README.md', ...filesBelow('docs', '.md').filter((path) => !path.startsWith('docs/results/'))]);

/** Every block of commands in the guides. */
export function commandBlocks(): CommandBlock[] {
  return guides().flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language }) => shells.includes(language))
      .map((block) => ({
        where: `${path}:${block.line}`,
        script: scriptOf(block),
        statusLines: statusLinesOf(block.lines.join('\n')),
        treatment: treatmentOf(block.info),
      })),
  );
}

const looksTyped = (line: string) => /^(\$ |scripts\/|npm |npx |docker |curl |patronictl |etcdctl )/.test(line);

/** Blocks that have commands, although their fences do not say so. */
export function unlabelledBlocks(): string[] {
  return guides().flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language, lines }) => !shells.includes(language) && lines.some(looksTyped))
      .map(({ line }) => `${path}:${line}`),
  );
}

/** Commands in prose and tables: `` `scripts/lab status` ``. */
export function inlineCommands(): string[] {
  return guides().flatMap(({ prose }) =>
    [...prose.matchAll(/`((?:scripts\/|npm run )[^`]+)`/g)].map(([, command = '']) => command),
  );
}
