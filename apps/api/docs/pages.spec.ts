import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { composeEnvironment, configurationPage, labSections } from './configuration.page.js';
import { errorsPage } from './errors.page.js';
import { generatedPages, locationOf } from './pages.js';

const pages = generatedPages();

describe('The generated pages', () => {
  it.each([...pages.keys()])('%s is what `npm run docs` makes of the code of today', (page) => {
    expect(readFileSync(locationOf(page), 'utf8')).toBe(pages.get(page));
  });
});

describe('.env.example', () => {
  const settings = labSections(readFileSync(locationOf('.env.example'), 'utf8')).flatMap((section) => section.settings);
  const example = new Map(
    settings.flatMap(({ names, defaults }) => names.map((name, index) => [name, defaults[index]] as const)),
  );

  it('has every setting of docker-compose.yml, with the same default', () => {
    const compose = readFileSync(locationOf('docker-compose.yml'), 'utf8');
    const used = [...compose.matchAll(/\$\{([A-Z0-9_]+):-([^}]*)\}/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);

    expect(used).not.toEqual([]);
    for (const [name, value] of used) expect([name, example.get(name ?? '')]).toEqual([name, value]);
  });

  it('explains every setting', () => {
    expect(settings.filter(({ meaning }) => meaning === '')).toEqual([]);
  });
});

describe('The page of variables', () => {
  const example = [
    '# --- Ports. On 127.0.0.1.',
    '# Two of a kind.',
    'ONE_PORT=1',
    'TWO_PORT=2',
    '',
    '# --- Secrets. Keep them.',
    '# Opens the door.',
    'KEY=abc',
    '# --- Others. All else.',
    '# A disk.',
    '#DISK=',
  ].join('\n');
  const compose = ['x-api: &api', '  environment:', '    <<: *no-proxy', '    SECRET: ${KEY:?}', '  init: true'].join(
    '\n',
  );
  const schema = z.object({
    SECRET: z.string().min(32).describe('Signs.'),
    WAIT_MS: z.coerce.number().int().min(1).max(9).default(5).describe('How long.'),
    HOST: z.string().optional().describe('Where.'),
  });
  const rows = configurationPage({ example, compose, schema })
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '));

  it.each([
    ['variables that share a comment', '| `ONE_PORT`, `TWO_PORT` | `1`, `2` | Two of a kind. |'],
    ['a secret, whose example it does not repeat', '| `KEY` | generated | Opens the door. |'],
    ['a setting without a default', '| `DISK` | none | A disk. |'],
    ['a required variable', '| `SECRET` | **required** | `KEY` | at least 32 characters | Signs. |'],
    ['bounds', '| `WAIT_MS` | `5` | | 1 to 9 | How long. |'],
    ['an optional variable', '| `HOST` | none | | | Where. |'],
  ])('has a row for %s', (_, row) => expect(rows).toContain(row));

  it('knows what Compose gives the API', () => {
    expect([...composeEnvironment(compose)]).toEqual([['SECRET', 'KEY']]);
  });
});

describe('The page of errors', () => {
  it('orders the codes by status', () => {
    const page = errorsPage({
      late: { status: 503, title: 'Late' },
      wrong: { status: 400, title: 'No', advice: 'Look.' },
    });
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));

    expect(rows.map((row) => row.replace(/ +/g, ' '))).toEqual([
      '| `wrong` | 400 | No | Look. |',
      '| `late` | 503 | Late | |',
    ]);
  });
});
