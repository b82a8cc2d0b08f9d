const shown = /^```(\w+) file=(\S+)\n[\s\S]*?^```$/gm;

/**
 * A page with the present text of the files that it shows: in each block whose fence says `file=PATH`.
 *
 * @param read gives the text of a file by its path from the root of the repository
 */
export function withShownFiles(page: string, read: (path: string) => string): string {
  return page.replace(shown, (_, language: string, path: string) => {
    return `\`\`\`${language} file=${path}\n${read(path).trimEnd()}\n\`\`\``;
  });
}
