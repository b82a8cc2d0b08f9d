import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readTarget } from '../../../libs/chaos/src/targets/target.file.js';

const folder = 'infra/targets';
const files = [
  ...readdirSync(folder)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .map((name) => join(folder, name)),
  'apps/judge/test/foreign/target.yml',
];

describe('The examples of target files', () => {
  it.each(files)('%s can be read, and has faults', async (path) => {
    expect(Object.keys((await readTarget(path)).faults)).not.toEqual([]);
  });
});
