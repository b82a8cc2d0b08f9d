// `npm run package:judge`: the judge as a tarball for `npx`, in dist/. One file with everything in it but the driver of PostgreSQL.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const folder = join(root, 'dist/judge');

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const manifest = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));

const { metafile } = await build({
  entryPoints: [join(here, 'src/main.ts')],
  outfile: join(folder, 'dist/main.js'),
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  external: Object.keys(manifest.dependencies),
  // Some of what is bundled is CommonJS, and asks for modules of Node.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  metafile: true,
  logLevel: 'warning',
});

await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
await writeFile(join(folder, 'dist/THIRD-PARTY.txt'), await notices(Object.keys(metafile.inputs)));
// What is in it, for the test that looks for what must not be.
await writeFile(join(root, 'dist/judge.inputs.json'), JSON.stringify(Object.keys(metafile.inputs)));
await cp(join(here, 'README.md'), join(folder, 'README.md'));
await cp(join(here, 'action.yml'), join(folder, 'action.yml'));
await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'));
const packing = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', join(root, 'dist')], {
  cwd: folder,
  encoding: 'utf8',
});
const [packed] = JSON.parse(packing);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
// Its path alone goes to stdout, for programs.
process.stderr.write(`${megabytes(packed.size)} packed, ${megabytes(packed.unpackedSize)} unpacked\n`);
process.stdout.write(`dist/${packed.filename}\n`);

/**
 * The licences of the packages that are bundled.
 *
 * @param {readonly string[]} inputs paths of the files that are bundled
 */
async function notices(inputs) {
  const packages = [
    ...new Set(inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [])),
  ];
  const texts = await Promise.all(
    packages.toSorted().map(async (path) => {
      const { name, version, license } = JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8'));
      const files = await readdir(join(root, path), { withFileTypes: true });
      const found = files.filter((file) => file.isFile() && /^(licen[cs]e|notice)/i.test(file.name));
      const bodies = await Promise.all(found.map((file) => readFile(join(root, path, file.name), 'utf8')));
      return [`${name} ${version}: ${license}`, ...bodies].join('\n\n');
    }),
  );
  return texts.join(`\n\n${'-'.repeat(80)}\n\n`);
}
