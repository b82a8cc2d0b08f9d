// inputs.mjs PATH…: a hash of what is in these files and folders. Tests and compiled Python change no image and do not count.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const filesIn = (path) =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesIn(join(path, name))) : [path];

const hash = createHash('sha256');
const counts = (file) => !/(^|\/)test_[^/]*$|\.pyc$/.test(file);
for (const file of process.argv.slice(2).flatMap(filesIn).filter(counts).toSorted()) {
  hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
}
console.log(hash.digest('hex').slice(0, 16));
