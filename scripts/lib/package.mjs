// package.mjs [check|api]: what `scripts/package --help` says.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const library = 'libs/postgres-ha';
/** Files as they are packed. Inside the tree, so that types of other packages are found from here. */
const stage = 'dist/packages/build';
const reports = join(library, 'api');

const [mode] = process.argv.slice(2);
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const manifest = readJson(join(library, 'package.json'));

/** Runs a program of this repository, and shows what it says only when it fails. Returns what it printed; undefined after a failure. */
function run(name, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(name, args, { encoding: 'utf8', ...options });
  if (status === 0) return stdout;
  console.error(error?.message ?? `${stdout}${stderr}`);
  return undefined;
}

const tool = (name) => resolve('node_modules/.bin', name);

/** Nothing that an earlier build has left gets into the package, because it is made in an empty folder. */
function build() {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const described = ['.', 'src/consistency', 'src/transactions'].map((part) => join(part, 'README.md'));
  for (const name of ['package.json', 'sql', ...described])
    cpSync(join(library, name), join(stage, name), { recursive: true });
  cpSync('LICENSE', join(stage, 'LICENSE'));
  return run(tool('tsc'), ['-p', join(library, 'tsconfig.build.json'), '--outDir', join(stage, 'dist')]) !== undefined;
}

/** What npm says of the tarball: its name, sizes in bytes and number of files. */
function pack() {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', resolve('dist/packages')];
  const printed = run('npm', args, { cwd: stage });
  return printed === undefined ? undefined : JSON.parse(printed)[0];
}

/** The entry points, as [name in `exports`, file of its types]. */
const entryPoints = Object.entries(manifest.exports)
  .filter(([, target]) => target.types !== undefined)
  .map(([name, { types }]) => [name, join(stage, types)]);

const reportName = (entryPoint) =>
  [...(entryPoint === '.' ? ['index'] : entryPoint.split('/').slice(1)), 'api', 'md'].join('.');

function extractorConfig([name, types]) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve(stage, 'package.json'),
    configObject: {
      projectFolder: resolve(stage),
      mainEntryPointFilePath: resolve(types),
      compiler: { tsconfigFilePath: resolve(library, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFileName: reportName(name),
        reportFolder: resolve(reports),
        reportTempFolder: resolve('dist/packages/api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'error' },
          // Tags are for packages with previews of their API.
          'ae-missing-release-tag': { logLevel: 'none' },
          // Of types of other packages, and of members that a link names loosely.
          'ae-unresolved-link': { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none' },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
}

/** Where the compiler writes members of what is exported. */
const memberColumn = 5;

/** Compares the API with the committed reports, or writes them. Returns whether all is well. */
function extractApi({ isWriting }) {
  const configs = entryPoints.map(extractorConfig);
  const additionalEntryPoints = entryPoints.map(([, types]) => resolve(types));
  const compilerState = CompilerState.create(configs[0], { additionalEntryPoints });
  // Everything exported has to be described. A member may leave it to its name.
  const messageCallback = (message) => {
    const isMember = message.messageId === 'ae-undocumented' && message.sourceFileColumn === memberColumn;
    if (isMember || message.logLevel === 'info') message.logLevel = 'none';
  };
  const options = { compilerState, localBuild: isWriting, printApiReportDiff: !isWriting, messageCallback };
  const results = configs.map((config) => Extractor.invoke(config, options));
  const expected = entryPoints.map(([name]) => reportName(name));
  const strays = readdirSync(reports).filter((name) => !expected.includes(name));
  for (const name of strays) console.error(`${reports}/${name} is of no entry point.`);
  return results.every(({ succeeded }) => succeeded) && strays.length === 0;
}

/** What each entry point may ask of its user beside the dependencies. Every other peer is for those who use another entry point. */
const pools = ['pg'];
const typeorm = [...pools, 'typeorm'];
const nest = [...typeorm, '@nestjs/common', '@nestjs/typeorm'];
const peersOf = {
  '.': pools,
  './typeorm': typeorm,
  './nest': nest,
  './adapters/nestjs-cls': [...nest, '@nestjs-cls/transactional'],
  './adapters/typeorm-transactional': [...typeorm, 'typeorm-transactional'],
};

const nameOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** The packages that a built file and all files behind it import. */
function importedBy(file, seen = new Set()) {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = [
    ...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'/gm),
  ];
  const extension = file.endsWith('.d.ts') ? '.d.ts' : '.js';
  return imports.flatMap(([, from, whole]) => {
    const specifier = from ?? whole;
    if (specifier.startsWith('node:')) return [];
    if (!specifier.startsWith('.')) return [nameOf(specifier)];
    return importedBy(join(dirname(file), specifier.replace(/\.js$/, extension)), seen);
  });
}

/** Whether no entry point needs more than it may, in its code or in its types, and the manifest lists all that is needed. */
function needsOnlyItsOwn() {
  const listed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const faults = entryPoints.flatMap(([name, types]) => {
    const files = [types, types.replace(/\.d\.ts$/, '.js')];
    const allowed = [...Object.keys(manifest.dependencies), ...peersOf[name]];
    const found = new Set(files.flatMap((file) => importedBy(file)));
    return [...found]
      .filter((each) => !allowed.includes(each) || !listed.includes(each))
      .map((each) => `${name} imports ${each}`);
  });
  for (const fault of faults) console.error(fault);
  return faults.length === 0;
}

/** Names of all packages that an install of the library brings along, without its peers. */
function brought() {
  const { packages } = readJson('package-lock.json');
  const found = new Set();
  const visit = (names) => {
    for (const name of names.filter((each) => !found.has(each))) {
      found.add(name);
      visit(Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {}));
    }
  };
  visit(Object.keys(manifest.dependencies));
  return [...found].toSorted();
}

const kilobytes = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;

function report({ filename, size, unpackedSize, entryCount }) {
  console.log(`dist/packages/${filename}`);
  console.log(`  ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked, ${entryCount} files`);
  const names = brought();
  console.log(`  brings ${names.length} packages: ${names.join(', ')}`);
}

/** Whether the page about the package says what it costs: the size to 10 kB, and how many packages it brings. */
function isDocumented({ size }) {
  const stated = `about ${Math.round(size / 10_000) * 10} kB packed and brings ${brought().length} packages`;
  const isSaid = readFileSync('docs/package.md', 'utf8').replaceAll('\n', ' ').includes(stated);
  if (!isSaid) console.error(`docs/package.md does not say: ${stated}`);
  return isSaid;
}

/** Each check, by what it finds. */
const checks = {
  'API reports (renewed by: scripts/package api)': () => extractApi({ isWriting: false }),
  'imports of each entry point': needsOnlyItsOwn,
  'size and packages as docs/package.md says': isDocumented,
  publint: ({ tarball }) => run(tool('publint'), [tarball, '--strict']) !== undefined,
  // Without a look at what @types has, which would ask the registry.
  'are the types wrong': ({ tarball }) =>
    run(tool('attw'), [tarball, '--profile', 'esm-only', '--no-definitely-typed']) !== undefined,
};

const packed = build() ? pack() : undefined;
if (packed === undefined) process.exit(1);
report(packed);
if (mode === 'api' && !extractApi({ isWriting: true })) process.exitCode = 1;
if (mode === 'check') {
  for (const [name, isFine] of Object.entries(checks)) {
    const passed = isFine({ tarball: join('dist/packages', packed.filename), size: packed.size });
    console.log(`  ${passed ? '✓' : '✗'} ${name}`);
    if (!passed) process.exitCode = 1;
  }
}
