import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** What macOS and each Linux have. Not among them: timeout, sha256sum, flock, setsid, readlink -f, GNU options of the rest. */
const everywhere = [
  'awk',
  'bash',
  'cat',
  'chmod',
  'cut',
  'dirname',
  'find',
  'grep',
  'head',
  'id',
  'ls',
  'mkdir',
  'node',
];
const andThese = ['mv', 'ps', 'rm', 'sed', 'sleep', 'sort', 'tail', 'tr', 'uname', 'wc'];

/** GNU's alone, and where they may stand: what runs on Linux as root only, to make an engine or a base image. */
const gnuOnly = new RegExp(
  [
    String.raw`(?<!-)\b(timeout|sha256sum|md5sum|flock|setsid|realpath|tac|shuf|numfmt|nproc|getent|free|pidof|ss|netstat)\b|\bip (addr|route|link|neigh)`,
    String.raw`sed -i |readlink|date -d|date \+\S*%[N3]|-newermt|-printf|grep -\w*P\b|stat -c|sort -[zV]|xargs -[0dr]`,
    String.raw`base64 -w|head -n -|mktemp (-p|--|\S*X)|cp -\w*(a|t)\b|ln -\w*r|tail --pid`,
  ].join('|'),
);
const linuxOnly = new Set(['engine.sh']);

let bin;
beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'pg-ha-lab-'));
  const path = (process.env['PATH'] ?? '').split(delimiter);
  for (const name of [...everywhere, ...andThese]) {
    for (const folder of path) {
      const found = await readFile(join(folder, name)).then(
        () => true,
        () => false,
      );
      if (found) {
        await symlink(join(folder, name), join(bin, name));
        break;
      }
    }
  }
});
afterAll(() => rm(bin, { recursive: true, force: true }));

/** A docker client that does what `script` says. It stands for decisions of the scripts, not for Docker. */
async function provideDocker(script) {
  await writeFile(join(bin, 'docker'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'docker'), 0o755);
}

const withdrawDocker = () => rm(join(bin, 'docker'), { force: true });

const allParts =
  'requirements output settings profiles members engine images cluster scale fencing edge pooler backup clones certificates secure up packages';

/** Runs a piece of bash with the lab's functions, from the root of the repository, with nothing but those programs. */
function shell(script, env = {}, parts = allParts) {
  const sourced = `set -euo pipefail; for part in ${parts}; do source scripts/lib/$part.sh; done; ${script}`;
  return new Promise((resolve) => {
    const options = { cwd: root, env: { PATH: bin, HOME: bin, ...env }, timeout: 20_000 };
    execFile(join(bin, 'bash'), ['-c', sourced], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout: stdout.trim(), stderr: stderr.trim() }),
    );
  });
}

const scripts = async () =>
  (await readdir(join(root, 'scripts'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.mjs'))
    .map((entry) => join(entry.parentPath, entry.name));

describe('The scripts', () => {
  it('use no program or option that only GNU has', async () => {
    const found = [];
    for (const file of await scripts()) {
      if (linuxOnly.has(file.split('/').at(-1))) continue;
      const lines = (await readFile(file, 'utf8')).split('\n');
      found.push(
        ...lines.filter((line) => !/^\s*#/.test(line) && gnuOnly.test(line)).map((line) => `${file}: ${line}`),
      );
    }
    expect(found).toEqual([]);
  });

  it.each([
    'x=$(readlink -f "$0")',
    'sed -i "s/a/b/" .env',
    'date -d yesterday',
    'date +%s%N',
    'stat -c %Y .env',
    'grep -oP "a" .env',
    'ls | xargs -r rm',
    'mktemp -p .lab',
    'mktemp --suffix .log',
    'base64 -w 0',
    'tac .env',
    'jobs=$(nproc)',
    'ss -ltn',
    'head -n -1 .env',
    'sort -V',
    'timeout 8 docker version',
  ])('are searched for such: %s', (line) => expect(line).toMatch(gnuOnly));

  it('ask for bash and Node before anything else', async () => {
    for (const file of await scripts()) {
      if (file.includes('/lib/')) continue;
      const text = await readFile(file, 'utf8');
      expect([file, text]).toEqual([file, expect.stringMatching(/for part in requirements |lib\/demo\.sh/)]);
    }
    const demo = await readFile(join(root, 'scripts/lib/demo.sh'), 'utf8');
    expect(demo.match(/^source .*$/m)?.[0]).toBe('source scripts/lib/requirements.sh');
  });

  it('say in one line that Node is missing', async () => {
    const { code, stderr } = await shell('echo reached', { PATH: `${bin}/nowhere` });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^lab: Node\.js is missing\. .*$/)]);
  });
});

describe('A program that is too old', () => {
  it.each([
    ['18.20.8', 1],
    ['20.18.9', 1],
    ['20.19.0', 0],
    ['22.1.0', 0],
    ['26.10.0', 0],
  ])('is refused in one line: Node.js %s', async (version, expected) => {
    const old = await mkdtemp(join(tmpdir(), 'pg-ha-lab-'));
    try {
      await writeFile(join(old, 'node'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
      const { code, stderr } = await shell('', { PATH: `${old}${delimiter}${bin}` }, 'requirements');
      expect(code).toBe(expected);
      expect(stderr).toMatch(expected === 0 ? /^$/ : /^lab: Node\.js 20\.19 or newer is needed, this is .*$/);
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  });

  it.each([
    ['3.2', '3 2', 1],
    ['4.3', '4 3', 1],
    ['4.4', '4 4', 0],
    ['5.2', '5 2', 0],
  ])('is refused in one line: bash %s', async (_, numbers, expected) => {
    // bash keeps its own version from being changed, so the check reads another variable here.
    const check = `version=(${numbers}); source <(sed 's/BASH_VERSINFO/version/g' scripts/lib/requirements.sh)`;
    const { code, stderr } = await shell(check, {}, '');
    expect(code).toBe(expected);
    expect(stderr).toMatch(expected === 0 ? /^$/ : /^lab: bash 4\.4 or newer is needed, .*$/);
  });
});

describe('A program that is missing', () => {
  it.each([
    ['docker', 'Docker Engine 20.10 or newer'],
    ['curl', 'apt-get install curl'],
  ])('is named with what to do: %s', async (program, words) => {
    await withdrawDocker();
    const { code, stderr } = await shell(`need node ${program}; echo reached`);
    expect([code, stderr.split('\n')]).toEqual([1, [expect.stringContaining(`lab: ${program} is missing. `)]]);
    expect(stderr).toContain(words);
  });

  it.each(['scripts/lab status', 'scripts/lab chaos list', 'scripts/monitor.sh', 'scripts/lab fencing on'])(
    'is named by what needs it, and nothing else is said: %s',
    async (command) => {
      await withdrawDocker();
      const { code, stderr } = await shell(`exec bash ${command}`);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^lab: docker is missing\. .*$/)]);
    },
  );

  it('is named where no engine can be installed', async () => {
    await withdrawDocker();
    const { code, stderr } = await shell('uname() { echo Darwin; }; provide_engine');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^lab: docker is missing\. .*$/)]);
  });
});

describe('A proxy in the environment of the shell', () => {
  const unused = 'http://127.0.0.1:9';
  const noneGiven = { NO_PROXY: undefined, no_proxy: undefined };

  it.each(['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])(
    'is not used for the ports of the lab: %s',
    async (variable) => {
      const server = createHttpServer((_, response) => response.end('direct')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `http://127.0.0.1:${server.address().port}/`;
      const ask = `import axios from 'axios'; console.log((await axios.get('${url}')).data, await (await fetch('${url}')).text())`;
      try {
        const env = { ...noneGiven, [variable]: unused, NODE_USE_ENV_PROXY: '1' };
        const { stdout } = await shell(`node --input-type=module -e "${ask}"`, env);
        expect(stdout).toBe('direct direct');
      } finally {
        server.close();
      }
    },
  );

  it.each([
    ['nothing is excepted', {}, '127.0.0.1,localhost'],
    ['NO_PROXY', { NO_PROXY: 'mirror.example' }, '127.0.0.1,localhost,mirror.example'],
    ['no_proxy', { no_proxy: '.example' }, '127.0.0.1,localhost,.example'],
    ['both', { no_proxy: '.example', NO_PROXY: 'other' }, '127.0.0.1,localhost,.example'],
  ])('is kept from the lab, and from what the user keeps it from: %s', async (_, env, expected) => {
    const { stdout } = await shell('echo "$NO_PROXY $no_proxy"', { ...noneGiven, ...env });
    expect(stdout).toBe(`${expected} ${expected}`);
  });
});

describe('A setting', () => {
  it.each([
    ['from .env', 'settings=([X]=file)', {}, 'file'],
    ['from the environment, before .env', 'settings=([X]=file)', { X: 'shell' }, 'shell'],
    ['empty in the environment, which leaves the default', 'settings=([X]=file)', { X: '' }, 'default'],
    ['empty in .env, which leaves the default', 'settings=([X]=)', {}, 'default'],
    ['from neither', 'settings=()', {}, 'default'],
  ])('is taken as Compose takes it: %s', async (_, file, env, expected) => {
    expect((await shell(`${file}; setting X default`, env)).stdout).toBe(expected);
  });

  it('that is a secret in .env stays so, whatever the environment says', async () => {
    const script = `cd "$HOME"; echo REDIS_PASSWORD=kept >.env; secrets=(REDIS_PASSWORD); settings=([REDIS_PASSWORD]=kept); complete_env; cat .env`;
    expect((await shell(script, { REDIS_PASSWORD: '' })).stdout).toBe('REDIS_PASSWORD=kept');
  });
});

describe('The socket that fencing watches', () => {
  const rootless = 'info) echo "[name=seccomp,profile=builtin name=rootless]" ;;';
  const choose = 'choose_socket; echo "$DOCKER_SOCKET"';

  it.each([
    [
      'of a rootless engine is its own',
      `${rootless} context) echo unix:///run/user/1000/docker.sock ;;`,
      {},
      '/run/user/1000/docker.sock',
    ],
    [
      'of a rootless engine elsewhere is the usual one',
      `${rootless} context) echo tcp://10.0.0.1:2375 ;;`,
      {},
      '/var/run/docker.sock',
    ],
    [
      'of a virtual machine is the one inside it',
      'info) echo "[name=seccomp]" ;; context) echo unix:///Users/a/.colima/docker.sock ;;',
      {},
      '/var/run/docker.sock',
    ],
    [
      'of a rootless engine in a virtual machine of macOS is not the one of its client',
      `${rootless} context) echo unix:///Users/a/.lima/docker.sock ;;`,
      { system: 'Darwin' },
      '/var/run/docker.sock',
    ],
    ['is the one that is set', `${rootless} context) echo unix:///a ;;`, { DOCKER_SOCKET: '/b' }, '/b'],
  ])('%s', async (_, answers, env, expected) => {
    await provideDocker(`case $1 in ${answers} esac`);
    const { system = 'Linux', ...set } = env;
    expect((await shell(`settings=(); uname() { echo ${system}; }; ${choose}`, set)).stdout).toBe(expected);
  });

  it('is asked of a client that knows its engine by DOCKER_HOST, too', async () => {
    const { stdout } = await exec('docker', ['context', 'inspect', '-f', '{{.Endpoints.docker.Host}}'], {
      env: { ...process.env, DOCKER_HOST: 'unix:///run/user/1000/docker.sock' },
    });
    expect(stdout.trim()).toBe('unix:///run/user/1000/docker.sock');
  });
});

describe('What is mounted from the checkout', () => {
  const start = (folder) => `readable_mounts=("${folder}"); start_containers`;

  /** A folder with one file in one folder, and its modes. */
  async function withModes([folderMode, fileMode], use) {
    const folder = await mkdtemp(join(tmpdir(), 'pg-ha-lab '));
    try {
      await mkdir(join(folder, 'mounted/inner'), { recursive: true });
      await writeFile(join(folder, 'mounted/inner/file'), '');
      await chmod(join(folder, 'mounted/inner/file'), fileMode);
      await chmod(join(folder, 'mounted/inner'), folderMode);
      await chmod(join(folder, 'mounted'), 0o755);
      await use(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const modeOf = async (...parts) => (await stat(join(...parts))).mode & 0o005;

  it.each([
    ['umask 077', 0o700, 0o600],
    ['umask 027', 0o750, 0o640],
    ['umask 026, which hides what is inside a folder only', 0o751, 0o640],
    ['umask 007', 0o770, 0o660],
    ['a folder that may be listed and not entered', 0o754, 0o644],
  ])('is made readable for the containers: %s', async (_, ...modes) => {
    await provideDocker('exit 0');
    await withModes(modes, async (folder) => {
      expect(await shell(start(`${folder}/mounted`))).toMatchObject({ code: 0 });
      expect(await modeOf(folder, 'mounted/inner')).toBe(0o005);
      expect(await modeOf(folder, 'mounted/inner/file')).toBe(0o004);
    });
  });

  it('is left alone where it is readable, for it may be read-only or belong to somebody else', async () => {
    await provideDocker('exit 0');
    await withModes([0o755, 0o644], async (folder) => {
      await writeFile(join(folder, 'chmod'), '#!/bin/sh\necho "chmod: Read-only file system" >&2\nexit 1\n', {
        mode: 0o755,
      });
      expect(await shell(start(`${folder}/mounted`), { PATH: `${folder}${delimiter}${bin}` })).toMatchObject({
        code: 0,
      });
    });
  });
});

describe('A network of the engine that has the addresses of the lab', () => {
  it('is named as such, with the setting that moves the lab', async () => {
    await provideDocker(
      'case "$*" in *" up -d "*) echo "invalid pool request: Pool overlaps with other one on this address space" >&2 ;; esac; exit 1',
    );
    const { code, stderr } = await shell('step Starting start_containers');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Another network .* LAB_NETWORK in \.env/)]);
  });
});

describe('The choice of images, with programs that macOS has, too', () => {
  const choose = 'choose_images auto; echo "$image_set"';

  it('takes upstream images where the registry answers', async () => {
    await provideDocker(
      'case "$*" in *"manifest inspect"*) exit 0 ;; *"config --images"*) echo etcd ;; *) exit 1 ;; esac',
    );
    expect(await shell(choose)).toMatchObject({
      stdout: 'upstream',
      stderr: expect.stringContaining('registry answers'),
    });
  });

  it('takes no missing image for one that is here already', async () => {
    await provideDocker('exit 1');
    expect(await shell(choose)).toMatchObject({
      stdout: 'debian',
      stderr: expect.stringContaining('no container registry'),
    });
  });

  it('does not wait for a registry for longer than 8 s', async () => {
    await provideDocker('case "$*" in *"manifest inspect"*) exec sleep 15 ;; *) exit 1 ;; esac');
    expect((await shell(choose)).stdout).toBe('debian');
  });
});

describe('A port of the lab that another program holds', () => {
  it.each(['PG_WRITE_PORT', 'API_PORT', 'HAPROXY_STATS_PORT'])(
    'is named with the setting that changes it: %s',
    async (setting) => {
      await provideDocker('exit 0');
      const other = createServer();
      other.listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address();
      try {
        const { code, stderr } = await shell('check_ports', { [setting]: String(port) });
        expect([code, stderr]).toEqual([1, expect.stringContaining(`${setting}=${port}`)]);
      } finally {
        other.close();
      }
    },
  );

  it('is no trouble when the lab itself holds it', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const free = 'default_ports=([PG_WRITE_PORT]=5000)';
    try {
      await provideDocker(`case $1 in ps) echo id ;; inspect) echo " ${port}  5001 " ;; esac`);
      // Parts that are on here would want their ports, too.
      const environment = { PG_WRITE_PORT: String(port), LAB_PROFILES: '' };
      expect(await shell(`${free}; check_ports`, environment)).toMatchObject({ code: 0 });
    } finally {
      other.close();
    }
  });
});

describe('No Docker engine', () => {
  it.each([
    ['Darwin', 'brew install --cask docker'],
    ['FreeBSD', "your distribution's packages"],
  ])('on %s, without apt, is answered with what to install', async (system, words) => {
    await provideDocker('exit 1');
    const { code, stderr } = await shell(`uname() { echo ${system}; }; provide_engine`);
    expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
  });
});
