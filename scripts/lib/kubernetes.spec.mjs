import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-ha-lab-kubernetes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => writeFile(join(folder, 'calls'), ''));

/**
 * A kubectl that writes down what it is called with and what it is given, and answers as `script` says. It stands for decisions of the
 * command, not for a cluster.
 */
async function provideKubectl(script) {
  const text = `#!/usr/bin/env bash
echo "$*" >>"${folder}/calls"
${script}
case "$*" in
  'config current-context') echo "\${CONTEXT:-elsewhere}" ;;
  kustomize*) printf 'apiVersion: v1\\nkind: Service\\nmetadata:\\n  name: api\\n' ;;
  *'create -f -'*) cat >>"${folder}/calls" ;;
  'apply -k .lab/'*) cat .lab/kubernetes/overlay/kustomization.yml >>"${folder}/calls" ;;
esac
`;
  await provideProgram('kubectl', text);
}

async function provideProgram(name, text) {
  await writeFile(join(folder, name), text);
  await chmod(join(folder, name), 0o755);
}

const lab = (...words) =>
  new Promise((resolve) => {
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
    const child = execFile(
      join(root, 'scripts/lab'),
      ['kubernetes', ...words],
      { cwd: root, env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
    child.stdin.end();
  });

/** Where nodes outside kind find the service. */
const image = ['--image', 'registry.example.com:5000/team/api:1.10'];

const changes = async () => (await calls()).filter((call) => /apply|create|delete|load|restart/.test(call));

const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).split('\n').filter((line) => line !== '');

describe('scripts/lab kubernetes', () => {
  it('renders an overlay and asks no cluster', async () => {
    await provideKubectl('');
    const { code, stdout } = await lab('render', 'zalando');

    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('kind: Service') });
    expect(await calls()).toEqual(['kustomize infra/kubernetes/zalando']);
  });

  it.each([
    [['render', 'nothing'], 'which overlay'],
    [['render'], 'which overlay'],
    [['up', 'zalando', 'more'], 'more'],
    [['down'], 'kubernetes takes render, validate or up'],
    [['up', 'zalando', '--image'], '--image takes REGISTRY/NAME:TAG'],
    [['up', 'zalando', '--image', 'registry:5000/api'], '--image takes REGISTRY/NAME:TAG'],
    [['up', 'zalando', '--image', 'api:1" }]'], '--image takes REGISTRY/NAME:TAG'],
    [['up', 'observe/zalando', '--image', 'registry/api:1'], 'runs no image of the service'],
  ])('%j is wrong usage', async (words, message) => {
    await provideKubectl('');
    expect(await lab(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('says what it would install where, and changes nothing when nobody can be asked', async () => {
    await provideKubectl('');
    const { code, stderr } = await lab('up', 'cloudnative-pg', ...image);

    expect(code).toBe(1);
    expect(stderr).toContain("the context 'elsewhere', namespace pg-ha");
    expect(stderr).toContain('Service api');
    expect(stderr).toContain('Secret app-user (where it is missing)');
    expect(stderr).toContain('nothing was changed. Say --yes');
    expect(await changes()).toEqual([]);
  });

  it('names the way to an operator that is missing, and changes nothing', async () => {
    await provideKubectl('[[ $* != "get crd"* ]] || exit 1');
    const { code, stderr } = await lab('up', 'zalando', '--yes');

    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('postgresqls.acid.zalan.do') });
    expect(stderr).toContain('manifests/postgresql.crd.yaml');
    expect(await changes()).toEqual([]);
  });

  it('makes the secrets that are missing and only those, never on a command line, and replaces the Job', async () => {
    await provideKubectl('[[ $* != *"get secret"* || $* == *"get secret api" ]] || exit 1');
    const { code, stderr } = await lab('up', 'cloudnative-pg', '--yes', ...image);
    const made = await calls();

    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('The service is ready') });
    expect(made.filter((line) => line.startsWith('metadata'))).toEqual([
      'metadata: { name: redis }',
      'metadata: { name: app-user }',
    ]);
    expect(made).toContainEqual(expect.stringMatching(/^stringData: \{ username: app_user, password: [\da-f]{48} \}$/));
    expect(made.filter((line) => /from-literal/.test(line))).toEqual([]);
    const order = [
      'delete job prepare',
      'apply -k .lab/kubernetes/overlay',
      'wait --for=condition=Ready clusters.postgresql.cnpg.io/pg-ha',
    ];
    expect(order.map((words) => made.findIndex((line) => line.includes(words)))).toEqual(
      order.map((words) => made.findIndex((line) => line.includes(words))).toSorted((a, b) => a - b),
    );
    expect(made).toContainEqual(expect.stringContaining('rollout status deployment/api'));
  });

  it('gives the service the image that it is told', async () => {
    await provideKubectl('');
    await lab('up', 'zalando', '--yes', ...image);

    expect(await calls()).toEqual(
      expect.arrayContaining([
        'resources: [../../../infra/kubernetes/zalando]',
        'images: [{ name: pg-ha-lab/api, newName: "registry.example.com:5000/team/api", newTag: "1.10" }]',
      ]),
    );
  });

  it('asks for an image where the nodes do not get that of this machine, and changes nothing', async () => {
    await provideKubectl('');
    expect(await lab('up', 'zalando', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Say --image'),
    });
    expect(await changes()).toEqual([]);
  });

  it('gives nodes of kind the image of this machine, named by its content', async () => {
    await provideKubectl('CONTEXT=kind-mine');
    await provideProgram('docker', '#!/bin/sh\n[ "$3" != --format ] || echo sha256:0123456789abcdef0123\n');
    await provideProgram('kind', `#!/bin/sh\necho "kind $*" >>"${folder}/calls"\n`);
    const { code } = await lab('up', 'cloudnative-pg', '--yes');
    await Promise.all(['docker', 'kind'].map((name) => rm(join(folder, name))));

    expect(code).toBe(0);
    expect(await calls()).toEqual(
      expect.arrayContaining([
        'kind load docker-image pg-ha-lab/api:0123456789ab --name mine',
        'images: [{ name: pg-ha-lab/api, newName: "pg-ha-lab/api", newTag: "0123456789ab" }]',
      ]),
    );
  });

  it.each(['zalando-backup', 'cloudnative-pg-backup'])(
    '%s: names the way to the keys of a bucket that are missing, and changes nothing',
    async (overlay) => {
      await provideKubectl('[[ $* != *"get secret backup-store" ]] || exit 1');
      const { code, stderr } = await lab('up', overlay, '--yes', ...image);

      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('create secret generic') });
      expect(await changes()).toEqual([]);
    },
  );

  it("makes a certificate that names the Services of Zalando's cluster", async () => {
    await provideKubectl(`[[ $* != *"get secret"* ]] || exit 1
[[ $* != *'create secret generic pg-ha-tls'* ]] || cp .lab/kubernetes/tls.crt .lab/kubernetes/ca.crt "${folder}/"`);
    const { code } = await lab('up', 'zalando', '--yes', ...image);
    const openssl = (...words) =>
      new Promise((resolve) => execFile('openssl', words, { cwd: folder }, (_error, stdout) => resolve(stdout)));

    expect(code).toBe(0);
    expect(await openssl('verify', '-CAfile', 'ca.crt', 'tls.crt')).toContain('OK');
    const names = await openssl('x509', '-in', 'tls.crt', '-noout', '-text');
    for (const name of ['pg-ha', 'pg-ha-repl', 'pg-ha-repl.pg-ha.svc', 'pg-ha-pooler'])
      expect(names).toMatch(new RegExp(`DNS:${name}(,|$)`, 'm'));
  });
});

it('The operators that docs/kubernetes.md installs are those that the command asks for', async () => {
  const [script, page] = await Promise.all(
    ['scripts/lib/kubernetes.sh', 'docs/kubernetes.md'].map((path) => readFile(join(root, path), 'utf8')),
  );
  const sources = [...script.matchAll(/(?:https:\/\/raw\.|')github[^\s";]+/g)].map(([source]) => source);

  expect(sources).toHaveLength(3);
  for (const source of sources) expect(page).toContain(source);
});
