import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.xml': 'application/xml',
};

/** A file and what it is. */
export interface StaticFile {
  readonly body: Buffer;
  readonly type: string;
}

/** A file below a folder; undefined where there is none, where it is of no known kind, or where the path leads out of the folder. */
export async function staticFile(folder: string, path: string): Promise<StaticFile | undefined> {
  const type = types[extname(path)];
  const root = resolve(folder);
  const file = join(root, path);
  if (type === undefined || path.includes('\0') || !file.startsWith(root + sep)) return undefined;
  return readFile(file).then(
    (body) => ({ body, type }),
    () => undefined,
  );
}
