import { describe, expect, it } from '@jest/globals';
import { staticFile } from './static.files.js';

describe('A file of a folder', () => {
  it.each(['docs', 'docs/'])('is found in %s, with its type', async (folder) => {
    const file = await staticFile(folder, 'results/figures.svg');
    expect(file?.type).toBe('image/svg+xml');
    expect(file?.body.toString()).toContain('<svg');
  });

  it.each([
    ['outside of it', '../package.json'],
    ['of no known kind', 'limits.md'],
    ['that is not there', 'nothing.html'],
    ['with a null byte in its name', 'results/figures.svg\0.svg'],
  ])('is not given when it is %s', async (_case, path) => {
    expect(await staticFile('docs', path)).toBeUndefined();
  });
});
