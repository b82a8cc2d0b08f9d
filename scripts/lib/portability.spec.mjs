import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
const gnuOnly =
  /\b(timeout|sha256sum|flock|setsid|realpath|tac|shuf|numfmt)\b|sed -i |readlink|date -d|-newermt|grep -\w*P\b|stat -c|sort -z|xargs -[0d]/;
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

/** Runs a piece of bash with the lab's functions, from the root of the repository, with nothing but those programs. */
function shell(script, env = {}) {
  const parts = 'for part in requirements output settings members engine images cluster scale fencing up packages';
  const sourced = `set -euo pipefail; ${parts}; do source scripts/lib/$part.sh; done; ${script}`;
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
  it('is named with the setting that changes it', async () => {
    await provideDocker('exit 0');
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    try {
      const { code, stderr } = await shell('check_ports', { PG_WRITE_PORT: String(port) });
      expect([code, stderr]).toEqual([1, expect.stringContaining(`PG_WRITE_PORT=${port}`)]);
    } finally {
      other.close();
    }
  });

  it('is no trouble when the lab itself holds it', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const free = 'default_ports=([PG_WRITE_PORT]=5000)';
    try {
      await provideDocker(`case $1 in ps) echo id ;; inspect) echo " ${port}  5001 " ;; esac`);
      expect(await shell(`${free}; check_ports`, { PG_WRITE_PORT: String(port) })).toMatchObject({ code: 0 });
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
