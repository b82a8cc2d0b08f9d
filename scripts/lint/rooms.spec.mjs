import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { page, withRooms } from './rooms.docs.mjs';
import { houseOf, rooms } from './rooms.mjs';
import { refusal } from './rooms.rule.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every arrow of the table, as [room, what it may import]. */
const arrows = Object.entries(rooms).flatMap(([room, allowed]) => allowed.map((target) => [room, target]));

describe('The table of rooms', () => {
  it('names only folders that exist', () => {
    expect(Object.keys(rooms).filter((room) => !existsSync(join(root, room)))).toEqual([]);
  });

  it('lets a room import only rooms that have a row, or one file of such a room', () => {
    const isListed = (target) => target in rooms || (/\.(ts|mjs)$/.test(target) && dirname(target) in rooms);
    expect(arrows.filter(([, target]) => !isListed(target))).toEqual([]);
  });

  it.each([
    ['an app imports another app', (from, to) => from.startsWith('apps/') && to.startsWith('apps/')],
    ['a library imports an app', (from, to) => from.startsWith('libs/') && to.startsWith('apps/')],
    ['postgres-ha imports anything else', (from) => from === 'libs/postgres-ha'],
    ['service-kit imports anything else', (from) => from === 'libs/service-kit'],
    ['cluster imports anything else', (from) => from === 'libs/cluster'],
    ['backup imports anything but cluster', (from, to) => from === 'libs/backup' && to !== 'libs/cluster'],
    [
      'chaos imports anything but backup and cluster',
      (from, to) => from === 'libs/chaos' && !['libs/backup', 'libs/cluster'].includes(to),
    ],
  ])('has no row by which %s', (_title, isForbidden) => {
    const found = arrows.filter(([room, target]) => {
      const [from, to] = [houseOf(room), houseOf(target)];
      return from !== to && isForbidden(from, to);
    });
    expect(found).toEqual([]);
  });

  it('lets apps import postgres-ha by its three entry points alone', () => {
    const inside = ([room, target]) => room.startsWith('apps/') && target.startsWith('libs/postgres-ha/');
    expect(new Set(arrows.filter(inside).map(([, target]) => target))).toEqual(
      new Set(['', 'nest/', 'typeorm/'].map((layer) => `libs/postgres-ha/src/${layer}index.ts`)),
    );
  });

  it('lets no core room of postgres-ha import what stands on the core, no TypeORM layer the Nest module, and neither of them an adapter', () => {
    const layerOf = (path) => /^libs\/postgres-ha\/src\/(adapters|nest|typeorm)(\/|$)/.exec(path)?.[1] ?? 'core';
    const inside = arrows.filter(([room]) => room.startsWith('libs/postgres-ha/src'));
    const layers = new Set(inside.map(([room, target]) => `${layerOf(room)} → ${layerOf(target)}`));
    const ofAdapters = ['core', 'nest', 'typeorm'].map((layer) => `adapters → ${layer}`);
    expect(layers).toEqual(new Set(['core → core', 'typeorm → core', 'nest → core', 'nest → typeorm', ...ofAdapters]));
  });

  it('is quoted in docs/architecture.md as it is (node scripts/lint/rooms.docs.mjs writes it there)', async () => {
    const text = await readFile(page, 'utf8');
    expect(text).toBe(withRooms(text));
  });
});

describe('An import', () => {
  const table = {
    rooms: {
      'apps/a/src': ['apps/a/src/part', 'libs/l/src/index.ts'],
      'apps/a/src/part': [],
      'apps/a/test': [],
      'libs/l/src': [],
    },
    specs: { 'apps/a': ['apps/a/test'] },
  };

  it.each([
    ['of a package', 'apps/a/src/part/x.ts', 'zod'],
    ['from the same folder', 'apps/a/src/part/x.ts', './y.js'],
    ['from a room in the row', 'apps/a/src/x.ts', './part/y.js'],
    ['of the one file in the row', 'apps/a/src/x.ts', '../../../libs/l/src/index.js'],
    ['of a test helper into a spec', 'apps/a/src/part/x.spec.ts', '../../test/y.js'],
  ])('%s is allowed', (_title, file, specifier) => {
    expect(refusal(file, specifier, table)).toBeUndefined();
  });

  it.each([
    ['from a room that is not in the row', 'apps/a/src/part/x.ts', '../y.js', /lists for it: nothing/],
    ['of a test helper into code', 'apps/a/src/part/x.ts', '../../test/y.js', /lists for it: nothing/],
    [
      'of another file than the one in the row',
      'apps/a/src/x.ts',
      '../../../libs/l/src/y.js',
      /not import libs\/l\/src\/y\.ts/,
    ],
    ['from a folder without a row', 'apps/a/src/x.ts', './new/y.js', /^apps\/a\/src\/new\/ has no row/],
    ['into a folder without a row', 'apps/a/src/new/x.ts', '../part/y.js', /^apps\/a\/src\/new\/ has no row/],
  ])('%s is refused', (_title, file, specifier, reason) => {
    expect(refusal(file, specifier, table)).toMatch(reason);
  });
});

describe('The linter, run on a tree with a new folder', () => {
  let tree;
  let found;
  const files = {
    'apps/api/src/brand-new/imports.ts': "export { config } from '../config/c.js';\n",
    'apps/api/src/config/c.ts': 'export const config = 1;\n',
    'apps/api/src/albums/imports.ts': "export const load = () => import('../brand-new/n.js');\n",
    'apps/api/src/brand-new/n.ts': 'export const name = 1;\n',
    'apps/lab/src/imports.ts': "export type Config = typeof import('../../api/src/config/c.js').config;\n",
    'apps/api/src/health/imports.ts': "import { config } from '../config/c.js';\nexport const health = config;\n",
  };

  beforeAll(async () => {
    tree = await realpath(await mkdtemp(join(tmpdir(), 'pg-ha-lab-rooms-')));
    await cp(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
    await cp(join(root, 'scripts/lint'), join(tree, 'scripts/lint'), { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    const report = await new Promise((resolve) => {
      execFile(join(root, 'node_modules/.bin/oxlint'), ['--format=json', 'apps'], { cwd: tree }, (_error, stdout) =>
        resolve(JSON.parse(stdout)),
      );
    });
    found = report.diagnostics.map(({ code, filename, message }) => `${filename}: ${code}: ${message}`);
  });
  afterAll(() => rm(tree, { recursive: true, force: true }));

  it.each([
    ['an import from it', /apps\/api\/src\/albums\/imports\.ts: rooms\(imports\): .*brand-new\/ has no row/],
    ['an import into it', /apps\/api\/src\/brand-new\/imports\.ts: rooms\(imports\): .*brand-new\/ has no row/],
    ['an import of one app by another', /apps\/lab\/src\/imports\.ts: rooms\(imports\): .*may not import apps\/api/],
  ])('refuses %s', (_title, finding) => {
    expect(found).toContainEqual(expect.stringMatching(finding));
  });

  it('refuses nothing else', () => {
    expect(found).toHaveLength(3);
  });
});
