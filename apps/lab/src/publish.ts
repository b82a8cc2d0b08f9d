import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishedPages } from './reports/published.pages.js';
import { withShownFiles } from './reports/shown.files.js';

// Part of `npm run docs`, which runs it in the repository's folder.
const folder = 'docs/results';
for (const [name, text] of await publishedPages(folder)) {
  await writeFile(join(folder, name), text);
  process.stdout.write(`${join(folder, name)}\n`);
}

const clients = 'docs/clients.md';
const read = (path: string) => readFileSync(path, 'utf8');
await writeFile(clients, withShownFiles(read(clients), read));
process.stdout.write(`${clients}\n`);
