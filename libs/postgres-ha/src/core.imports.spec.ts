import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('.', import.meta.url));

/** The packages that a file of this library needs, itself and through the files that it imports. */
function packagesOf(entry: string): Set<string> {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const imports = readFileSync(path, 'utf8').matchAll(/(?:from|import) '([^']+)'|import\('([^']+)'\)/g);
    for (const [, specifier = '', dynamic = ''] of imports) {
      const name = specifier || dynamic;
      if (name.startsWith('.')) visit(join(dirname(path), name.replace(/\.js$/, '.ts')));
      else if (!name.startsWith('node:')) packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    }
  };
  visit(join(source, entry));
  return packages;
}

const core = ['@opentelemetry/api', 'async-mutex', 'canonicalize', 'dataloader', 'pg', 'structured-headers'];

describe('What an application has to install', () => {
  it.each([
    ['the core', 'index.ts', core],
    ['the TypeORM layer', 'typeorm/index.ts', [...core, 'typeorm']],
    ['the Nest module', 'nest/index.ts', [...core, 'typeorm', '@nestjs/common', '@nestjs/typeorm']],
  ])('for %s', (_title, entry, expected) => {
    expect([...packagesOf(entry)].toSorted()).toEqual(expected.toSorted());
  });
});
