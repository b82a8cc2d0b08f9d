import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Packs the library once, before the tests that install it. */
export default function pack() {
  execFileSync('scripts/package', { cwd: fileURLToPath(new URL('../../../../', import.meta.url)), stdio: 'inherit' });
}
