import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lab, openLab } from '../../../../libs/chaos/test/support/settings.js';
import type { RunResult } from '../../../../libs/chaos/src/results/run.result.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { auditorPassword, ForeignCluster, targetFile } from '../support/foreign.cluster.js';
import { InstalledJudge, type Ended } from '../support/judge.js';

const setUpBoundMs = 240_000;
const beginBoundMs = 60_000;
/** Little load: the machine has two clusters now. */
const load = ['--rate', '20', '--clients', '12'];

/** The judge from its tarball, and a cluster that is not ours: no schema, configuration or name of the lab. */
describe('The judge, installed from its tarball', () => {
  let judge: InstalledJudge;
  let cluster: ForeignCluster;

  const judged = (...args: string[]): Promise<Ended> =>
    judge.run('chaos', 'run', ...args, '-t', targetFile, '--yes', ...load);
  const schemas = () => cluster.psql('orders', `SELECT count(*) FROM pg_namespace WHERE nspname = 'postgres_ha_judge'`);

  beforeAll(async () => {
    [judge, cluster] = await Promise.all([
      InstalledJudge.install({ AUDITOR_PASSWORD: auditorPassword, APP_USER_PASSWORD: lab.sql.password }),
      ForeignCluster.start(process.env['LAB_PREFIX'] ?? ''),
    ]);
  }, setUpBoundMs);

  afterAll(async () => {
    await cluster?.remove();
    await judge?.remove();
  }, setUpBoundMs);

  it('is smaller than 1 MB, brings at most 16 packages along, and has nothing in it that commands Docker', () => {
    expect(judge.tarballBytes).toBeLessThan(1_000_000);
    expect(judge.packages.length - 1).toBeLessThanOrEqual(16);
    expect(judge.inputs.filter((path) => /dockerode|libs\/cluster\/src\/(lab|containers|docker)/.test(path))).toEqual(
      [],
    );
  });

  it('says before it begins what it cannot judge, and changes nothing', async () => {
    const { code, output } = await judge.run('target', 'check', '-t', targetFile);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^foreign: reached; foreign-\w+ leads/),
    });
    expect(await schemas()).toBe('0');
  });

  it("finds the lab ready by the lab's own target file, in a schema that an owner has prepared", async () => {
    const file = join(judge.folder, 'lab.yml');
    await writeFile(file, ownTarget(await readFile('infra/targets/lab.yml', 'utf8')));
    const { stdout: preparing } = await judge.run('target', 'sql', '-t', file);
    const own = openLab();
    await own.psql(await own.leader(), preparing);
    try {
      const { code, output } = await judge.run('target', 'check', '-t', file);
      expect({ code, output }).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^lab: reached; \w+ leads; .*^schema: prepared by an owner$/ms),
      });
    } finally {
      await own.psql(await own.leader(), 'DROP SCHEMA postgres_ha_judge CASCADE');
    }
  });

  it("refuses a database in which its schema is somebody else's, and touches nothing", async () => {
    await cluster.psql('orders', 'CREATE SCHEMA postgres_ha_judge; CREATE TABLE postgres_ha_judge.invoices ()');
    for (const { code, output } of [
      await judge.run('target', 'check', '-t', targetFile),
      await judged('leader-kill'),
    ]) {
      expect(code).toBe(2);
      expect(output).toContain('there is a schema postgres_ha_judge that this program has not made; look at it');
    }
    expect(await cluster.psql('orders', `SELECT to_regclass('postgres_ha_judge.invoices')`)).toBe(
      'postgres_ha_judge.invoices',
    );
    await cluster.psql('orders', 'DROP TABLE postgres_ha_judge.invoices; DROP SCHEMA postgres_ha_judge');
  });

  it('asks nobody and does nothing without a terminal, unless it is told --yes', async () => {
    const { code, output } = await judge.run('chaos', 'run', 'leader-kill', '-t', targetFile);
    expect(code).toBe(2);
    expect(output).toContain('say --yes');
  });

  it(
    'kills the leader, judges every figure of SQL, loses no acknowledged write, and leaves no schema behind',
    async () => {
      const { code, stdout, output } = await judged('leader-kill', '--out', 'kill', '--json');
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
      const [result] = JSON.parse(stdout) as RunResult[];
      expect(result).toMatchObject({
        lost: 0,
        duplicates: 0,
        dualLeaderCommits: 0,
        divergentRows: 0,
        unjudgedCommits: 0,
      });
      const ofHttp = ['httpFailed', 'httpWriteGapMs', 'httpReadGapMs', 'longestRequestMs'];
      expect(result?.notJudged?.map(({ figure }) => figure)).toEqual(ofHttp);
      expect(result?.timeline.after).toBe((result?.timeline.before ?? 0) + 1);
      expect(result?.rejoinMs).not.toBeNull();
      expect(await schemas()).toBe('0');
      process.stdout.write(
        `foreign leader-kill: ${result?.acked} acknowledged, write gap ${result?.writeGapMs} ms, read gap ${result?.readGapMs} ms, rejoined ${result?.rejoinMs} ms\n`,
      );
    },
    setUpBoundMs,
  );

  it('writes its histories for elle-cli: an end for each beginning, and no process with two operations at once', async () => {
    const { code, stdout } = await judge.run('chaos', 'export', 'kill', '--format', 'elle');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^elle-cli --model rw-register kill\/leader-kill-001\.rw-register\.edn$/m);
    const files = (await readdir(join(judge.folder, 'kill'))).filter((name) => name.endsWith('.edn'));
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files)
      expect({ file, problems: problemsIn(await readFile(join(judge.folder, 'kill', file), 'utf8')) }).toEqual({
        file,
        problems: [],
      });
  });

  it(
    'heals after it was killed (SIGKILL) while a replica was frozen, and removes its schema',
    async () => {
      const killed = judge.start('chaos', 'run', 'replica-freeze', '-t', targetFile, '--yes', ...load);
      await until({ what: 'a replica is frozen', boundMs: beginBoundMs }, async () =>
        (await cluster.frozen()).length === 1 ? true : undefined,
      );
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      expect(await cluster.frozen()).toHaveLength(1);
      expect(await schemas()).toBe('1');

      const { code, output } = await judge.run('chaos', 'heal', '-t', targetFile);
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('fault replica-freeze') });
      expect(await cluster.frozen()).toEqual([]);
      expect(await schemas()).toBe('0');
    },
    setUpBoundMs,
  );

  it(
    'works in a schema that an owner has prepared, and on Ctrl-C in a failover heals, deletes its rows and leaves the schema',
    async () => {
      const { stdout } = await judge.run('target', 'sql', '-t', targetFile);
      await cluster.psql('orders', `REVOKE CREATE ON DATABASE orders FROM auditor; ${stdout}`);
      const rows = () => cluster.psql('orders', 'SELECT count(*) FROM postgres_ha_judge.unique_rows');
      const interrupted = judge.start('chaos', 'run', 'leader-kill', '-t', targetFile, '--yes', ...load);
      await until({ what: 'rows are written', boundMs: beginBoundMs }, async () =>
        Number(await rows()) > 0 ? true : undefined,
      );
      await until({ what: 'the leader is dead', boundMs: beginBoundMs }, async () =>
        (await cluster.dead()).length === 1 ? true : undefined,
      );
      // Nobody takes writes now, nor when the commands have healed: its rows have to wait for the failover.
      interrupted.kill('SIGINT');
      const [status] = await once(interrupted, 'exit');
      expect(status).toBe(130);
      expect(await cluster.dead()).toEqual([]);
      expect(await rows()).toBe('0');
      const { code, output } = await judge.run('chaos', 'heal', '-t', targetFile);
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('nothing was left broken') });
      await cluster.whole();
    },
    setUpBoundMs,
  );

  it(
    'finds the acknowledged writes that are lost when synchronous replication is off, and ends with status 1',
    async () => {
      const { code, stdout, output } = await judged('async-loss', '--out', 'loss', '--json');
      expect({ code, output: code === 1 ? '' : output }).toEqual({ code: 1, output: '' });
      const [result] = JSON.parse(stdout) as RunResult[];
      expect(result?.lost).toBeGreaterThan(0);
      expect(result?.trouble).toEqual([]);
      process.stdout.write(`foreign async-loss: ${result?.lost} of ${result?.acked} acknowledged writes lost\n`);
    },
    setUpBoundMs,
  );
});

/** The target file of the lab with the ports of the lab under test, which need not be those of `.env.example`. */
function ownTarget(text: string): string {
  const ports: Readonly<Record<string, string>> = {
    5000: String(lab.writePort),
    5001: String(lab.readPort),
    3000: new URL(lab.apiUrl).port,
    ...Object.fromEntries(lab.patroniUrls.map((url, index) => [8008 + index, new URL(url).port])),
  };
  return text.replaceAll(/(?<=127\.0\.0\.1:)\d+/g, (port) => ports[port] ?? port);
}

/** What Jepsen's history would refuse. */
function problemsIn(edn: string): string[] {
  const busy = new Map<string, boolean>();
  const problems: string[] = [];
  for (const line of edn.trimEnd().split('\n')) {
    const [, type = '', process = ''] = /^\{:type :(\w+), .*:process (\d+), :time \d+, :index \d+\}$/.exec(line) ?? [];
    if (type === '' || busy.get(process) === (type === 'invoke')) problems.push(line);
    busy.set(process, type === 'invoke' || type === 'info');
  }
  return problems;
}
