/** A Markdown table, padded as Prettier pads it. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  const widths = header.map((_, column) => Math.max(3, ...escaped.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const padded = escaped.map((row) => line(widths.map((width, column) => (row[column] ?? '').padEnd(width))));
  return [padded[0], line(widths.map((width) => '-'.repeat(width))), ...padded.slice(1)].join('\n');
}

/** First line of every generated page, for those who open it in an editor. */
export const generatedFrom = (...sources: readonly string[]): string =>
  `<!-- Made by \`npm run docs\` from ${sources.join(' and ')}. Change those, not this page. -->`;
