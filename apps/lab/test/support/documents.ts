import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A fenced block. `language` is the first word behind the fence, `info` what follows it. */
export interface CodeBlock {
  readonly language: string;
  readonly info: string;
  readonly lines: readonly string[];
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
}

/** A Markdown file of the repository. */
export interface MarkdownDocument {
  /** The path from the root of the repository. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly blocks: readonly CodeBlock[];
  /** Everything outside of fenced blocks. */
  readonly prose: string;
}

/** Splits a Markdown text into prose and fenced blocks. */
export function parseDocument(path: string, text: string): MarkdownDocument {
  const lines = text.replace(/\n$/, '').split('\n');
  const blocks: (CodeBlock & { readonly lines: string[] })[] = [];
  const prose: string[] = [];
  let fenced = false;
  for (const [index, line] of lines.entries()) {
    const [, language, info] = /^\s*```\s*(\S*)\s*(.*)$/.exec(line) ?? [];
    if (fenced && language === '') fenced = false;
    else if (fenced) blocks.at(-1)?.lines.push(line);
    else if (language !== undefined) {
      fenced = true;
      blocks.push({ language, info: info ?? '', lines: [], line: index + 1 });
    } else prose.push(line);
  }
  return { path, lines, blocks, prose: prose.join('\n') };
}

const skipped = new Set(['node_modules', 'dist', 'coverage', 'test-artifacts']);
const hidden = (name: string) => name.startsWith('.') && name !== '.github';

/** Paths of the files below `folder` whose names end in one of `extensions`, without hidden folders and built files. */
export function filesBelow(folder: string, ...extensions: readonly string[]): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return skipped.has(entry.name) || hidden(entry.name) ? [] : filesBelow(path, ...extensions);
    return extensions.some((extension) => entry.name.endsWith(extension)) ? [path] : [];
  });
}

/** Reads these Markdown files. */
export const readDocuments = (paths: readonly string[]): MarkdownDocument[] =>
  paths.map((path) => parseDocument(path, readFileSync(path, 'utf8')));

/** The anchor that GitHub gives a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

/** Anchors of all headings; GitHub numbers those that occur again. */
export function anchorsIn(prose: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = anchorOf(heading);
    let name = anchor;
    for (let again = 1; anchors.has(name); again++) name = `${anchor}-${again}`;
    anchors.add(name);
  }
  return anchors;
}

/** Targets of the links and pictures that point into the repository. */
export const linksIn = (prose: string): readonly string[] =>
  [...prose.matchAll(/\]\(<?([^)\s>]+)>?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** Links of `document` that lead nowhere: no such file, or no such heading in it. */
export function brokenLinks(document: MarkdownDocument): string[] {
  return linksIn(document.prose).filter((target) => {
    const [file = '', anchor] = target.split('#');
    const path = file === '' ? document.path : join(dirname(document.path), file);
    if (!existsSync(path)) return true;
    return anchor !== undefined && !anchorsIn(parseDocument(path, readFileSync(path, 'utf8')).prose).has(anchor);
  });
}
