import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishedPages } from './reports/published.pages.js';

// Part of `npm run docs`, which runs it in the repository's folder.
const folder = 'docs/results';
for (const [name, text] of await publishedPages(folder)) {
  await writeFile(join(folder, name), text);
  process.stdout.write(`${join(folder, name)}\n`);
}
