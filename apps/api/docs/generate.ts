import { writeFileSync } from 'node:fs';
import { generatedPages, locationOf } from './pages.js';

// `npm run docs`.
for (const [page, text] of generatedPages()) {
  writeFileSync(locationOf(page), text);
  process.stdout.write(`${page}\n`);
}
