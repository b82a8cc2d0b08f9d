import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { documentedPrograms } from '../../../../libs/chaos/src/load/outside.programs.js';
import { withShownFiles } from './shown.files.js';

const read = (path: string) => readFileSync(path, 'utf8');

describe('A page that shows files', () => {
  it('has their present text, and keeps everything else', () => {
    const page = 'One.\n\n```js file=a.mjs\nold\n```\n\nTwo.\n\n```js\nown\n```\n\n```sh file=b.sh\n```\n';
    expect(withShownFiles(page, (path) => `new ${path}\n\n`)).toBe(
      'One.\n\n```js file=a.mjs\nnew a.mjs\n```\n\nTwo.\n\n```js\nown\n```\n\n```sh file=b.sh\nnew b.sh\n```\n',
    );
  });
});

describe('docs/clients.md', () => {
  const page = read('docs/clients.md');

  it('shows the programs of infra/clients as they are (`npm run docs` puts them in)', () => {
    expect(withShownFiles(page, read)).toBe(page);
  });

  it.each(documentedPrograms.map((program) => [program.name, program] as const))(
    'shows all that is run and measured as %s',
    (_, { command, env = {} }) => {
      expect(page).toContain(`file=${command.at(-1)?.replace('/app', 'infra')}`);
      for (const [name, value] of Object.entries(env)) expect(page).toContain(`\`${name}=${value}\``);
    },
  );
});
