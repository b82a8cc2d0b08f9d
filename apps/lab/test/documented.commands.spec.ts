import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { catalogue } from '../../../libs/chaos/src/faults/catalogue.js';
import {
  commandBlocks,
  inlineCommands,
  scriptOf,
  statusLinesOf,
  treatmentOf,
  unlabelledBlocks,
} from './support/documented.commands.js';
import { filesBelow } from './support/documents.js';

const blocks = commandBlocks();
const testFiles = new Set(
  [...filesBelow('apps', 'spec.ts'), ...filesBelow('libs', 'spec.ts', 'spec.mjs')].map((path) => basename(path)),
);
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

const wordsIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, word = '']) => word);
/** The commands of `scripts/lab` and `scripts/lab chaos`. */
const labCommands = wordsIn(execFileSync('scripts/lab', ['help'], { encoding: 'utf8' }), /^ {2}(\w+)/gm);
const chaosCommands = wordsIn(readFileSync('apps/lab/src/main.ts', 'utf8'), /\.command\('(\w+)/g);
const scenarios = ['quick', 'all', ...catalogue.map(({ name }) => name)];

/** Placeholders such as `MEMBER` and `…`. */
const isPlaceholder = (word: string) => /^[A-Z…]+$/.test(word);

/** The first name in a command that this repository does not have, or undefined. */
function unknownIn(command: string): string | undefined {
  const [program = '', ...rest] = command.split(/\s+/);
  if (program === 'npm') {
    const name = rest.find((word) => word !== 'run' && !word.startsWith('-'));
    return name !== undefined && name in scripts ? undefined : command;
  }
  if (program.includes('…')) return undefined;
  if (!existsSync(program)) return program;
  if (program !== 'scripts/lab') return undefined;
  // Names end at an option, a comment or the next command.
  const end = rest.findIndex((word) => /^[-#|;&]/.test(word));
  const [word, chaosWord, ...faults] = end === -1 ? rest : rest.slice(0, end);
  const named = [
    ...(word === undefined || labCommands.includes(word) ? [] : [word]),
    ...(word !== 'chaos' || chaosWord === undefined || chaosCommands.includes(chaosWord) ? [] : [chaosWord]),
    ...(chaosWord === 'run' ? faults.filter((fault) => !scenarios.includes(fault)) : []),
  ];
  return named.find((name) => !isPlaceholder(name));
}

describe('A block of commands in README.md or docs/', () => {
  it('says in its fence that it has commands', () => expect(unlabelledBlocks()).toEqual([]));

  it('is run by the e2e tier, names a test that exists, or says why no test runs it', () => {
    const unaccounted = blocks.filter(
      ({ treatment }) => treatment === undefined || (treatment.kind === 'tested-by' && !testFiles.has(treatment.file)),
    );

    expect(blocks).not.toEqual([]);
    expect(unaccounted.map(({ where, treatment }) => ({ where, treatment }))).toEqual([]);
  });

  it('names only scripts, commands and faults that exist, and so does the prose', () => {
    const commands = blocks.flatMap(({ script }) => script.match(/(?:^|(?<=\s))(?:scripts\/|npm run ).*$/gm) ?? []);

    expect([...commands, ...inlineCommands()].flatMap((command) => unknownIn(command) ?? [])).toEqual([]);
  });
});

describe('The guides', () => {
  it('name every command of scripts/lab help', () => {
    const page = readFileSync('docs/commands.md', 'utf8');

    expect(labCommands).toContain('doctor');
    expect(labCommands.filter((word) => !page.includes(`\n| \`${word}`))).toEqual([]);
  });

  it('have a drill for every fault, with the bounds of its runs', () => {
    const rows = readFileSync('docs/drills.md', 'utf8').split('\n');
    const seconds = (bound?: { readonly max?: number }) => `${(bound?.max ?? Number.NaN) / 1000} s`;

    for (const { name, expects } of catalogue.filter(({ composite }) => composite !== true)) {
      const row = rows.find((line) => line.startsWith('|') && line.includes(`\`${name}\``)) ?? 'no row';
      const bounds = `${seconds(expects.writeGapMs)}, ${seconds(expects.readGapMs)}`;
      expect({ name, bounds: row.includes(`| ${bounds} `) ? bounds : row }).toEqual({ name, bounds });
    }
  });
});

describe('Reading a block', () => {
  it.each([
    ['run', { kind: 'run' }],
    ['tested-by=x.e2e-spec.ts', { kind: 'tested-by', file: 'x.e2e-spec.ts' }],
    ['not-tested="needs a day"', { kind: 'not-tested', reason: 'needs a day' }],
    ['', undefined],
    ['maybe', undefined],
    ['not-tested=""', undefined],
  ])('takes the fence `%s` for %j', (info, treatment) => expect(treatmentOf(info)).toEqual(treatment));

  it('finds the statuses of HTTP answers in the output', () => {
    const printed = 'HTTP/1.1 201 Created\r\nx: y\r\n\r\n{"id":1}HTTP/2 404 \r\n';

    expect(statusLinesOf(printed)).toEqual(['HTTP/1.1 201 Created', 'HTTP/2 404 ']);
  });

  it('separates commands from their output', () => {
    const lines = ['$ one \\', '> --more', 'printed', '> printed, too', '$ two'];

    expect(scriptOf({ language: 'console', lines })).toBe('one \\\n--more\ntwo');
    expect(scriptOf({ language: 'sh', lines: ['one', 'two'] })).toBe('one\ntwo');
  });
});
