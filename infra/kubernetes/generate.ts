import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated.files.js';

// node --import tsx infra/kubernetes/generate.ts
for (const [path, text] of generatedFiles()) {
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}
