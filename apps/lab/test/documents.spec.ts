import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  anchorOf,
  anchorsIn,
  brokenLinks,
  filesBelow,
  linksIn,
  parseDocument,
  readDocuments,
} from './support/documents.js';

const thisFile = 'apps/lab/test/documents.spec.ts';
const documents = readDocuments(filesBelow('.', '.md'));

describe('README.md', () => {
  it('has at most 200 lines, so that people read it', () => {
    expect(readDocuments(['README.md'])[0]?.lines.length).toBeLessThanOrEqual(200);
  });
});

describe('The documents of the repository', () => {
  it.each(documents.map((document) => [document.path, document] as const))(
    '%s has no link to a file or a heading that is not there',
    (_, document) => expect(brokenLinks(document)).toEqual([]),
  );

  it('include every document that comments, messages and scripts name', () => {
    const kinds = [
      '.ts',
      '.mjs',
      '.sh',
      '.yml',
      '.cfg',
      '.sql',
      '.py',
      '.pl',
      '.env',
      'Dockerfile',
      'lab',
      'test',
      'bench',
      'seed',
    ];
    const sources = ['apps', 'libs', 'scripts', 'infra', 'patroni', 'haproxy', 'etcd'].flatMap((folder) =>
      filesBelow(folder, ...kinds).filter((path) => path !== thisFile),
    );
    const dangling = [...sources, 'docker-compose.yml', '.env.example'].flatMap((source) => {
      const named = readFileSync(source, 'utf8').match(/[\w./-]*\w\.md\b/g) ?? [];
      // Paths may start at the root, at docs, at the folder of the file, or at the one above it.
      const folders = ['.', 'docs', dirname(source), dirname(dirname(source))];
      return named
        .filter((name) => !name.endsWith('NAME.md') && !folders.some((folder) => existsSync(join(folder, name))))
        .map((name) => `${source}: ${name}`);
    });

    expect(dangling).toEqual([]);
  });
});

describe('Reading Markdown', () => {
  const text = [
    '# A `title`',
    '[one](a.md#b) ![two](b.png) [three](https://x)',
    '```sh run',
    '# no [link](here)',
    '```',
  ];
  const document = parseDocument('some/file.md', text.join('\n'));

  it('separates blocks from prose', () => {
    expect(document.blocks).toEqual([{ language: 'sh', info: 'run', lines: ['# no [link](here)'], line: 3 }]);
    expect(linksIn(document.prose)).toEqual(['a.md#b', 'b.png']);
  });

  it.each([
    ['Reinit', 'reinit'],
    ["Diverged timeline, or a leader that won't come back", 'diverged-timeline-or-a-leader-that-wont-come-back'],
    ['scripts/lab doctor', 'scriptslab-doctor'],
    ['The table `api`', 'the-table-api'],
    ['See [there](x.md)', 'see-there'],
  ])('gives "%s" the anchor that GitHub gives it', (heading, anchor) => expect(anchorOf(heading)).toBe(anchor));

  it('numbers headings that occur again', () => {
    expect([...anchorsIn('## Limits\n\n## Limits')]).toEqual(['limits', 'limits-1']);
  });

  it('finds links whose target does not exist', () => {
    const links = '[file](gone.md) [anchor](../README.md#gone) [own](#gone) [fine](../README.md)';

    expect(brokenLinks(parseDocument('docs/x.md', links))).toEqual(['gone.md', '../README.md#gone', '#gone']);
  });
});
