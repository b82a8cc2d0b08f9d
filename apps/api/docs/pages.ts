import { readFileSync } from 'node:fs';
import { environmentSchema } from '../src/config/environment.schema.js';
import { problems } from '../src/problem-details/problem.catalogue.js';
import { configurationPage } from './configuration.page.js';
import { errorsPage } from './errors.page.js';

const root = new URL('../../../', import.meta.url);

/** Where a generated page is kept. */
export const locationOf = (page: string): URL => new URL(page, root);

/** Every page that is made from code: its path from the root of the repository, and the text that it should have. */
export function generatedPages(): ReadonlyMap<string, string> {
  const example = readFileSync(locationOf('.env.example'), 'utf8');
  const compose = readFileSync(locationOf('docker-compose.yml'), 'utf8');
  return new Map([
    ['docs/configuration.md', configurationPage({ example, compose, schema: environmentSchema })],
    ['docs/errors.md', errorsPage(problems)],
  ]);
}
