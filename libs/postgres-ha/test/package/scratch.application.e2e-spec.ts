import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommitCutter } from '../support/commit.cutter.js';
import { PlainServers, until } from '../support/plain.servers.js';
import { ScratchApplication, type Answer } from '../support/scratch.js';

/**
 * The proof that the package needs nothing of this repository: the example of libs/postgres-ha, in a folder of its own, installs the
 * tarball and runs on a primary and a standby that nothing watches over.
 */
const setupBoundMs = 180_000;
const testBoundMs = 60_000;
const password = 'only-in-tests';

interface Note {
  readonly id: string;
  readonly text: string;
}

const textsIn = ({ body }: Answer) => (body['notes'] as readonly Note[]).map(({ text }) => text);

const compiler = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url));

/** Servers with the example on them. Between it and the primary there is a proxy that can swallow the answer to a COMMIT. */
class Stage {
  private constructor(
    readonly servers: PlainServers,
    readonly cutter: CommitCutter,
    readonly application: ScratchApplication,
  ) {}

  static async build(name: string, starting: Promise<PlainServers>, application: ScratchApplication): Promise<Stage> {
    const servers = await starting;
    const cutter = new CommitCutter(servers.primary.port);
    const stage = new Stage(servers, cutter, application);
    const hosts = [await cutter.open(), servers.standby.port].map((port) => `127.0.0.1:${port}`);
    const superuser = PlainServers.superuser;
    await application.run(process.execPath, ['setup.js'], {
      NODE_OPTIONS: '',
      DATABASE_URL: `postgres://${superuser.user}:${superuser.password}@127.0.0.1:${servers.primary.port}/postgres`,
      DATABASE_PASSWORD: password,
    });
    await application.start({
      DATABASE_HOSTS: hosts.join(','),
      DATABASE_PASSWORD: password,
      TOKEN_SECRET: `a secret for the tests of ${name} alone`,
    });
    return stage;
  }

  write(text: string, key?: string): Promise<Answer> {
    return this.application.request('/notes', { body: { text }, ...(key === undefined ? {} : { key }) });
  }

  read(token?: string): Promise<Answer> {
    return this.application.request('/notes', { token });
  }

  async close(): Promise<void> {
    await this.application.stop();
    await this.cutter.close();
    await this.servers.remove();
  }
}

let installed: ScratchApplication;
let stage: Stage;
let asynchronous: Stage;

beforeAll(async () => {
  const starting = [PlainServers.start('plain'), PlainServers.start('lossy')] as const;
  try {
    installed = await ScratchApplication.install();
    stage = await Stage.build('plain', starting[0], installed);
    asynchronous = await Stage.build('lossy', starting[1], installed.another());
  } catch (error) {
    for (const started of await Promise.allSettled(starting)) {
      if (started.status === 'fulfilled') await started.value.remove();
    }
    throw error;
  }
}, setupBoundMs);

afterAll(async () => {
  await stage?.close();
  await asynchronous?.close();
  await installed?.remove();
}, testBoundMs);

describe('An application that installs the tarball, on two plain PostgreSQL servers', () => {
  it('has types for all that it uses, with the checks of a strict compiler', async () => {
    const options = ['--noEmit', '--allowJs', '--checkJs', '--strict', '--noImplicitAny', 'false'];
    const resolution = ['--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', 'false'];
    const types = ['--types', 'node', '--typeRoots', join(compiler, '../../../@types')];
    const checked = installed.run(process.execPath, [
      compiler,
      ...options,
      ...resolution,
      ...types,
      'server.js',
      'setup.js',
      await installed.writeStart([]),
    ]);
    await expect(checked).resolves.toBe('');
  }, 60_000);

  it(
    'runs the first lines of the README, which end by themselves',
    async () => {
      const { primary, standby } = stage.servers;
      await stage.servers.query(
        primary,
        'CREATE TABLE orders (item text); GRANT SELECT, INSERT ON orders TO app_user',
        'app',
      );
      const start = await installed.writeStart([primary.port, standby.port]);
      const environment = {
        NODE_OPTIONS: '',
        PGPASSWORD: password,
        TOKEN_SECRET: 'a secret for the first lines alone',
      };
      const printed = await installed.run(process.execPath, [start], environment);
      expect(JSON.parse(printed.trim().split('\n').at(-1) ?? '')).toMatchObject({ value: [{ item: 'tea' }] });
    },
    testBoundMs,
  );

  it(
    'shows a client its own write although the standby shows nothing new, and an eventual read the old state',
    async () => {
      const { token } = await stage.write('seen by all');
      await until('the standby shows the first note', 10_000, async () => {
        const { body } = await stage.read(token);
        return body['servedBy'] === 'replica';
      });
      await stage.servers.pauseReplay();
      try {
        const written = await stage.write('only where it was written');
        const read = await stage.read(written.token);
        const eventual = await stage.application.request('/notes', { consistency: 'eventual' });
        expect(read.body['servedBy']).toBe('leader');
        expect(textsIn(read)).toEqual(['seen by all', 'only where it was written']);
        expect(eventual.body['servedBy']).toBe('replica');
        expect(textsIn(eventual)).toEqual(['seen by all']);
      } finally {
        await stage.servers.resumeReplay();
      }
    },
    testBoundMs,
  );

  it.each([
    ['without a key', undefined],
    ['with a key', 'order-4711'],
  ])(
    'writes once and answers 201 when the answer to COMMIT is swallowed, %s',
    async (title, key) => {
      stage.cutter.swallowNext();
      const swallowedBefore = stage.cutter.swallowed;
      const written = await stage.write(`swallowed ${title}`, key);
      expect(stage.cutter.swallowed - swallowedBefore).toBe(1);
      expect(written.status).toBe(201);
      const read = await stage.read(written.token);
      expect(textsIn(read).filter((text) => text === `swallowed ${title}`)).toHaveLength(1);
    },
    testBoundMs,
  );

  it(
    'answers a repeated key with what was written first',
    async () => {
      const first = await stage.write('asked twice', 'order-4712');
      const second = await stage.write('asked twice', 'order-4712');
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body).toEqual(first.body);
      expect(textsIn(await stage.read(second.token)).filter((text) => text === 'asked twice')).toHaveLength(1);
    },
    testBoundMs,
  );

  it(
    'loses no write, writes none twice and honours its tokens when the primary dies and the standby is promoted',
    async () => {
      const before = await stage.write('before the promotion');
      const texts: string[] = [];
      const answers: Promise<Answer>[] = [];
      const write = setInterval(() => {
        texts.push(`while it fails over ${texts.length}`);
        answers.push(stage.write(texts.at(-1) ?? ''));
      }, 50);
      try {
        await until('writes are under way', 10_000, () => Promise.resolve(answers.length >= 5));
        await stage.servers.kill(stage.servers.primary);
        await stage.servers.promote();
        await until(
          'the standby takes writes',
          20_000,
          async () => (await stage.write('after the promotion')).status === 201,
        );
      } finally {
        clearInterval(write);
      }
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([201]));
      const after = await stage.read(before.token);
      expect(after.status).toBe(200);
      const found = textsIn(after);
      expect(found).toContain('before the promotion');
      expect(found.filter((text) => texts.includes(text)).toSorted()).toEqual(texts.toSorted());
    },
    testBoundMs,
  );

  it(
    'says acknowledged_write_lost, and how to go on, to a client whose write the promoted standby never got',
    async () => {
      const kept = await asynchronous.write('replicated');
      await asynchronous.servers.stopReplicating();
      const lost = await asynchronous.write('acknowledged, and on the primary alone');
      expect(lost.status).toBe(201);
      await asynchronous.servers.kill(asynchronous.servers.primary);
      await asynchronous.servers.promote();
      await until(
        'the standby takes writes',
        20_000,
        async () => (await asynchronous.write('after it')).status === 201,
      );
      const refused = await asynchronous.read(lost.token);
      expect(refused).toMatchObject({ status: 409, body: { code: 'acknowledged_write_lost' } });
      for (const token of [refused.token, kept.token]) {
        const read = await asynchronous.read(token);
        expect(read.status).toBe(200);
        expect(textsIn(read)).toEqual(['replicated', 'after it']);
      }
    },
    testBoundMs,
  );
});
