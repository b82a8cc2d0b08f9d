import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../docs/results/', import.meta.url));

export type Cell = string | number;

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * Prints results, and writes them to docs/results/ with the machine, the commit and the day.
 *
 * @param chart an SVG to keep beside the page, which shows it first
 */
export async function publish(name: string, title: string, parts: readonly string[], chart?: string): Promise<void> {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const where = `${cpus().length} cores, Node ${process.version}, commit ${commit}, ${new Date().toISOString().slice(0, 10)}`;
  const picture = chart === undefined ? [] : [`![${title}](${name}.svg)`];
  const text = [`# ${title}`, `\`npm run bench:${name}\` on ${where}.`, ...picture, ...parts].join('\n\n');
  await mkdir(folder, { recursive: true });
  if (chart !== undefined) await writeFile(`${folder}${name}.svg`, chart);
  await writeFile(`${folder}${name}.md`, `${text}\n`);
  console.log(text);
}
