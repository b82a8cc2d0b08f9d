import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Repository } from '../../../../libs/backup/src/repository.js';
import { parseTarget } from '../../../../libs/backup/src/recovery.target.js';
import { RestoredServer } from '../../../../libs/backup/src/restored.server.js';
import { checkRecovery } from '../../../../libs/chaos/src/checkers/recovery.checker.js';
import { readRows } from '../../../../libs/chaos/src/load/final.state.reader.js';
import type { History } from '../../../../libs/chaos/src/history/operation.js';
import { loseEverything } from '../../../../libs/chaos/src/faults/lose-everything.fault.js';
import { pitr } from '../../../../libs/chaos/src/faults/pitr.fault.js';
import { claimSafety, useDrill } from '../../../../libs/chaos/test/support/drill.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { docker } from '../../../../libs/chaos/test/support/docker.js';
import { uniqueName } from '../../../../libs/chaos/test/support/names.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { root, runCommand } from '../support/command.js';
import { commandBlocks } from '../support/documented.commands.js';

const setUpBoundMs = 300_000;
const commandBoundMs = 120_000;
/** It looks at the tables every ten seconds. */
const notedBoundMs = 30_000;
const recoveryBoundMs = 60_000;
const scanEndsBoundMs = 5_000;
/** Four times what was seen for a small database. */
const rtoBoundMs = 40_000;

const inRepository = (script: string, boundMs?: number) =>
  docker(['exec', `${settings.prefix}backup`, 'bash', '-c', script], boundMs);
const lab = useLab();
let wasOn = false;
const command = (...args: string[]) => runCommand('scripts/lab', args, {}, commandBoundMs);
const backup = (...args: string[]) => command('backup', ...args);
const inApp = (sql: string) => lab.leader().then((leader) => lab.psql(leader, sql));
async function answer<T>(...args: string[]): Promise<T> {
  const { code, stdout, output } = await backup(...args, '--json');
  expect([code, output]).toEqual([0, expect.anything()]);
  return JSON.parse(stdout) as T;
}

/** That nothing but the change makes the others fail. */
const unchanged = { title: 'with unchanged programs', file: 'wal.sh', from: 'cp "$file"', to: 'cp "$file"' } as const;

/** How WAL can be missing in a restore. To PostgreSQL itself each is the end of the log. */
const gaps = [
  {
    title: 'without the segment that is still being received',
    file: 'wal.sh',
    from: 'wal_file "$1" partial',
    to: 'wal_file "$1"',
  },
  {
    title: 'without one of the segments in between',
    file: 'wal.sh',
    from: 'file=$(',
    // The second one that recovery asks for, however often it does.
    to: '[[ $1 == *.history ]] || echo "$1" >>/restored/asked; [[ $1 != "$(sort -u /restored/asked | sed -n 2p)" ]] || exit 1; file=$(',
  },
] as const;

/** What a restore can do wrong. Each must fail, or be seen by the checker. */
const mutations = [
  ...gaps,
  {
    title: 'that includes the wrong statement',
    file: 'restore.sh',
    from: 'recovery_target_inclusive = off',
    to: 'recovery_target_inclusive = on',
  },
  {
    title: 'that stays on the timeline of its base backup',
    file: 'restore.sh',
    from: "recovery_target_timeline = 'latest'",
    to: "recovery_target_timeline = 'current'",
  },
] as const;

/** @returns how many rows the restored server lacks or has too many, by the history of the drill */
async function wrongRows(
  server: RestoredServer,
  history: History,
  { disasterMs: invokedMs, disasterEndedMs: endedMs }: { disasterMs: number; disasterEndedMs: number },
): Promise<number> {
  const [first] = history;
  const prefix = first?.key.slice(0, first.key.indexOf('-', 'chaos-'.length)) ?? '';
  const rows = await readRows((sql) => server.psql(sql), prefix);
  const restored = { member: server.containerName, role: 'leader', ...rows } as const;
  const { missing, extra } = checkRecovery(history, { disaster: { invokedMs, endedMs }, restored });
  return missing.count + extra.count;
}

/** @returns a copy of the programs of restored servers, with one change */
async function mutated(file: string, from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mutated-'));
  await cp(join(root, 'infra/backup'), folder, { recursive: true });
  const text = await readFile(join(folder, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not have: ${from}`);
  await writeFile(join(folder, file), text.replace(from, to));
  await runCommand('chmod', ['-R', 'a+rX', folder]);
  return folder;
}

beforeAll(async () => {
  wasOn = await lab.hasBackup();
  await lab.backup('on');
}, setUpBoundMs);

// Not by the journal of faults: each drill heals everything at its end, and the next one needs the backup.
afterAll(async () => {
  if (!wasOn) await lab.backup('off');
}, setUpBoundMs);

describe('A wrong DELETE after a switchover and the death of a leader', () => {
  const claim = useDrill('pitr', lab, (drill) => drill.load().then(() => drill.inject(pitr)));

  claim('is undone: all that was acknowledged before is restored, and nothing that came afterwards', ({ recovery }) => {
    expect(recovery).toMatchObject({ missing: 0, extra: 0, stopped: expect.stringContaining('before commit') });
    expect(recovery?.acknowledgedBefore).toBeGreaterThan(100);
  });
  claim('is found, and the past can be queried, within 40 s, on a slow machine more', ({ recovery, slowness }) =>
    expect(recovery?.rtoMs).toBeLessThan(rtoBoundMs * slowness),
  );
  claim('is undone along the timelines of three leaders', ({ recovery }) =>
    expect(recovery?.timelines.length).toBeGreaterThanOrEqual(3),
  );
  claimSafety(claim, 'once the rows are brought back');

  for (const { title, file, from, to } of [unchanged, ...mutations])
    claim(`${to === from ? 'is' : 'is not'} taken for undone by a restore ${title}`, async ({ history, recovery }) => {
      if (recovery === undefined) throw new Error('nothing was restored');
      const xid = /transaction (\d+)/.exec(recovery.stopped)?.[1] ?? '';
      const folder = await mutated(file, from, to);
      const server = new RestoredServer(lab, 'mutated', folder);
      try {
        const { backup: base, target } = await new Repository(lab).planFor(parseTarget(xid));
        const restored = server.restore(base, target, () => undefined);
        const outcome = await restored.then(
          () => wrongRows(server, history, recovery),
          (error: Error) => error.message,
        );
        if (to === from) expect(outcome).toBe(0);
        else if (typeof outcome === 'number') expect(outcome).toBeGreaterThan(0);
        else expect(outcome).toMatch(/recovery failed: .+/);
      } finally {
        await server.remove();
        await rm(folder, { recursive: true });
      }
    });
});

describe('scripts/lab backup', () => {
  it(
    'restores the moment before a TRUNCATE and a DROP that it has found, and brings back what is missing and nothing else',
    async () => {
      const identity = 'id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY';
      await inApp(`CREATE TABLE lab.shelf (${identity}, title text);
        INSERT INTO lab.shelf (title) SELECT 'book ' || n FROM generate_series(1, 500) AS n;
        CREATE TABLE lab.box (${identity}); INSERT INTO lab.box DEFAULT VALUES; INSERT INTO lab.box DEFAULT VALUES;
        CREATE TABLE lab.label (box_id int REFERENCES lab.box); INSERT INTO lab.label VALUES (2)`);
      try {
        // Names of an earlier run are of other files.
        const [file] = await inApp("SELECT pg_relation_filenode('lab.label')");
        await until({ what: 'the repository has noted the names of the tables', boundMs: notedBoundMs }, async () =>
          (await inRepository('cat /var/lib/barman/lab/relations')).includes(`${file} lab.label`) ? true : undefined,
        );
        await inApp('DELETE FROM lab.shelf WHERE id > 498');
        await inApp('TRUNCATE lab.shelf RESTART IDENTITY');
        await inApp('DROP TABLE lab.box CASCADE');
        await inApp("INSERT INTO lab.shelf OVERRIDING SYSTEM VALUE VALUES (1, 'newer'), (501, 'new')");
        const found = await answer<{ xid: number; what: string; table: string }[]>('find', '--since', '5m');
        expect(found.findLast(({ table }) => table === 'lab.box')).toMatchObject({ what: 'drop' });
        const wrong = found.findLast(({ table }) => table === 'lab.shelf');
        expect(wrong).toMatchObject({ what: 'truncate' });
        const { output } = await backup('find', '--since', '5m', '--rows', '2');
        expect(output).toMatch(/ UTC {2}xid \d+ {2}delete {3}lab\.shelf {2}2 rows {2}at [^]* {2}truncate lab\.shelf /);
        const first = /xid (\d+) {2}\w+ +lab\.shelf /.exec(output)?.[1];
        expect(output).toMatch(
          new RegExp(`the oldest of .*lab\\.shelf.*: scripts/lab backup restore --to ${first}\\n`),
        );
        const deleted = [...output.matchAll(/xid (\d+) {2}delete {3}lab\.shelf /g)].at(-1)?.[1];
        const restored = await answer<{ port: number; container: string }>(
          'restore',
          '--to',
          `${deleted}`,
          '--name',
          'shelf',
        );
        expect(restored.port).toBeGreaterThan(0);
        expect(await answer('diff', 'shelf', 'lab.shelf')).toEqual({ missing: 499, changed: 1, added: 1 });
        expect(await answer('copy', 'shelf', 'lab.shelf', '--where', 'id <= 100')).toEqual({ rows: 99 });
        expect(await answer('copy', 'shelf', 'lab.shelf')).toEqual({ rows: 400 });
        expect(await inApp('SELECT count(*) FROM lab.shelf')).toEqual(['501']);
        expect(await inApp('SELECT title FROM lab.shelf WHERE id = 1')).toEqual(['newer']);
        // After a recovery sequences may have left out some numbers.
        const [next] = await inApp("INSERT INTO lab.shelf (title) VALUES ('next') RETURNING id");
        expect(Number(next)).toBeGreaterThan(501);

        const refused = await backup('copy', 'shelf', 'lab.box');
        const [, make = ''] = /Make it first: (docker exec .*)/.exec(refused.output) ?? [];
        expect(await runCommand('bash', ['-o', 'pipefail', '-c', make])).toMatchObject({ code: 0 });
        expect(await answer('copy', 'shelf', 'lab.box')).toEqual({ rows: 2 });
        const [another] = await inApp('INSERT INTO lab.box DEFAULT VALUES RETURNING id');
        expect(Number(another)).toBeGreaterThan(2);
        const runbook = commandBlocks().find(({ script }) => script.includes('FROM pg_constraint'));
        const ask = runbook?.script.replace('restored-past', restored.container).replace('public.products', 'lab.box');
        const keys = (await runCommand('bash', ['-c', ask ?? 'false'])).output.trim();
        expect(keys).toMatch(/^ALTER TABLE lab\.label ADD CONSTRAINT label_box_id_fkey .*;$/);
        await inApp(keys);
      } finally {
        await backup('drop', 'shelf');
        await inApp('DROP TABLE IF EXISTS lab.shelf, lab.label, lab.box');
      }
      expect((await backup('diff', 'shelf', 'lab.shelf')).code).toBe(1);
    },
    3 * commandBoundMs,
  );

  it(
    'restores a time, a restore point, and the newest commit',
    async () => {
      await inApp("CREATE TABLE lab.shelf (title text); INSERT INTO lab.shelf VALUES ('first')");
      try {
        const [time = ''] = await inApp(
          "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.USZ')",
        );
        await inApp("INSERT INTO lab.shelf VALUES ('second')");
        // Of one name used twice, the last is meant.
        await inApp("SELECT pg_create_restore_point('between')");
        await inApp("INSERT INTO lab.shelf VALUES ('third')");
        await inApp("SELECT pg_create_restore_point('between')");
        await inApp("INSERT INTO lab.shelf VALUES ('fourth')");
        for (const [target, rows] of [
          [time, 1],
          ['between', 3],
          ['latest', 4],
        ] as const) {
          const { container } = await answer<{ container: string }>('restore', '--to', target, '--name', 'shelf');
          const count = ['exec', container, 'psql', '-XAtqc', 'SELECT count(*) FROM lab.shelf', 'app_db'];
          expect([target, await docker(count)]).toEqual([target, String(rows)]);
          await answer('drop', 'shelf');
        }
      } finally {
        await backup('drop', 'shelf');
        await inApp('DROP TABLE lab.shelf');
      }
    },
    4 * commandBoundMs,
  );

  it.each([
    ...gaps.map((gap) => ({ ...gap, reason: /before .* WAL in between is missing/ })),
    {
      title: 'without a segment that it could not write down',
      file: 'wal.sh',
      from: 'cp "$file" "$2"',
      to: 'cp "$file" /restored/no/such/folder/',
      reason: /could not restore file/,
    },
  ])(
    'does not take for the newest commit what was restored $title',
    async ({ file, from, to, reason }) => {
      await inApp("SELECT pg_logical_emit_message(true, 'one', ''); SELECT pg_switch_wal()");
      await inApp("SELECT pg_logical_emit_message(true, 'two', ''); SELECT pg_switch_wal()");
      const folder = await mutated(file, from, to);
      const server = new RestoredServer(lab, 'mutated', folder);
      try {
        const { backup: base, target } = await new Repository(lab).planFor({ kind: 'latest' });
        await expect(server.restore(base, target, () => undefined)).rejects.toThrow(reason);
      } finally {
        await server.remove();
        await rm(folder, { recursive: true });
      }
    },
    commandBoundMs,
  );

  it.each([
    [['restore', '--to', '2026-11-27T18:00:00'], 1, /has no zone/],
    [['restore', '--to', '2020-01-01T00:00:00Z'], 1, /cannot be restored, only what is between/],
    [['restore', '--to', '4000000000'], 1, /no committed transaction 4000000000/],
    [['restore'], 2, /--to/],
    [['diff', 'nobody', 'products'], 1, /no restored server is called nobody/],
    [['restore', '--to', 'latest', '--name', 'No Name'], 1, /is no name for a restored server/],
  ] as const)(
    'refuses %j and says why',
    async (args, code, message) => {
      const result = await backup(...args);
      expect(result.code).toBe(code);
      expect(result.output).toMatch(message);
      expect(result.output).not.toMatch(/ at .*\.ts:/);
    },
    commandBoundMs,
  );

  it('gives up a search of the log that takes too long, and leaves nothing of it behind', async () => {
    const hasty = new Repository(lab, () => undefined, 20);
    await expect(hasty.planFor(parseTarget('4000000000'))).rejects.toThrow(/could not be read within/);
    await expect(hasty.find(3_600, 1)).rejects.toThrow(/could not be read within/);
    const left = "pgrep -f '[s]can.sh'; pgrep -x pg_waldump; find /var/lib/barman/lab -maxdepth 1 -name 'scan-*'";
    await until({ what: 'the search ends in the container', boundMs: scanEndsBoundMs }, async () =>
      (await inRepository(left)) === '' ? true : undefined,
    );
  });

  it(
    'does not stop the cluster for a rebuild to what cannot be restored',
    async () => {
      const started = () =>
        docker(['inspect', '--format', '{{.State.StartedAt}}', ...lab.members.map((m) => lab.containerName(m))]);
      const before = await started();
      const refused = await backup('rebuild', '--to', '2026-11-27T18:00:00', '--yes');
      expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/has no zone[^]*Nothing was changed/) });
      expect(await started()).toBe(before);
    },
    commandBoundMs,
  );

  it(
    'makes backups, and verifies one by restoring it: a damaged file is found',
    async () => {
      expect(await answer('now', '--incremental')).toMatchObject({ status: 'DONE', parent: expect.any(String) });
      const { name } = await answer<{ name: string }>('now');
      const file = `/var/lib/barman/lab/base/${name}/data/PG_VERSION`;
      await inRepository(`cp ${file} /tmp/kept && echo damage >>${file}`);
      expect(await backup('verify', name)).toMatchObject({ code: 1, output: expect.stringContaining('is damaged') });
      await inRepository(`cp /tmp/kept ${file}`);
      expect(await answer('verify', name)).toMatchObject({ tables: expect.any(Number) });
      const status = await answer<{ isReceiving: boolean; reasons: string[]; restored: string[] }>('status');
      expect(status).toMatchObject({ isReceiving: true, reasons: [], restored: [] });
    },
    3 * commandBoundMs,
  );

  it('is seen by the health of the service, which asks with a password', async () => {
    const health = (await (await fetch(`${settings.apiUrl}/health`)).json()) as {
      details: Record<string, { status: string }>;
    };
    expect(health.details['backup']).toMatchObject({ status: 'up' });
    const metrics = await backupMetrics();
    expect(metrics).toMatch(/pgha_backup_age_seconds\{repository="lab"\} \d+/);
    expect(metrics).toMatch(/pgha_backup_gap\{repository="lab"\} 0/);
  });
});

/** What an instance of the service shows of the repository, which it asks for its own health. */
async function backupMetrics(): Promise<string> {
  const [url] = settings.instanceUrls;
  await fetch(`${url}/health`);
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  return lines.filter((line) => line.startsWith('pgha_backup')).join('\n');
}

describe('The repository', () => {
  /** @returns how many rows there were at a moment, the newest one that can be restored if none is named */
  const restoredRows = async (target = 'latest'): Promise<number> => {
    const { container } = await answer<{ container: string }>('restore', '--to', target, '--name', 'shelf');
    const count = ['exec', container, 'psql', '-XAtqc', 'SELECT count(*) FROM lab.shelf', 'app_db'];
    return Number(await docker(count));
  };
  const dropRestored = () => backup('drop', 'shelf');

  beforeAll(() => inApp('DROP TABLE IF EXISTS lab.shelf; CREATE TABLE lab.shelf (id int)'));
  afterEach(dropRestored, commandBoundMs);
  afterAll(() => inApp('DROP TABLE lab.shelf'));

  it(
    'goes on when it has received more of a leader that died than its successor has',
    async () => {
      const leader = await lab.leader();
      const since = new Date().toISOString();
      await lab.nemesis.cutReplication(leader);
      // More than a segment, and less than maximum_lag_on_failover, beyond which no standby would lead.
      await lab.psql(
        leader,
        "SET synchronous_commit = local; SELECT count(pg_logical_emit_message(false, 'ahead', repeat('x', 1000000))) FROM generate_series(1, 24)",
      );
      await new Repository(lab).waitForReceipt();
      await lab.nemesis.killReleasingLock(leader);
      await until({ what: 'another member leads', boundMs: recoveryBoundMs }, async () =>
        (await lab.leader().catch(() => leader)) === leader ? undefined : true,
      );
      await lab.nemesis.heal(leader);
      await lab.waitHealthy(setUpBoundMs);
      await inApp('INSERT INTO lab.shelf VALUES (1)');
      await until({ what: 'the repository receives', boundMs: recoveryBoundMs }, async () =>
        (await new Repository(lab).status()).isReceiving ? true : undefined,
      );
      expect(await docker(['logs', '--since', since, `${settings.prefix}backup`])).toContain('has another history');
      expect(await answer('status')).toMatchObject({ hasGap: false, reasons: [] });
      expect(await restoredRows()).toBe(1);
    },
    3 * commandBoundMs,
  );

  it(
    'begins anew by itself, with a base backup, when the members had to let WAL go',
    async () => {
      const keep = async (size: string) => {
        const leader = await lab.leader();
        const set = `postgresql.parameters.max_slot_wal_keep_size=${size}`;
        await docker(['exec', lab.containerName(leader), 'patronictl', 'edit-config', '--quiet', '--force', '-s', set]);
        await until({ what: `each member keeps ${size}`, boundMs: recoveryBoundMs }, async () =>
          (await lab.psql(leader, 'SHOW max_slot_wal_keep_size'))[0] === size ? true : undefined,
        );
      };
      const since = new Date().toISOString();
      const [before] = (await answer<{ name: string }[]>('list')).slice(-1);
      await keep('32MB');
      try {
        await docker(['stop', `${settings.prefix}backup`]);
        // More than wal_keep_size, which Patroni sets to 128 MB.
        await inApp(
          "SELECT count(pg_logical_emit_message(false, 'much', repeat('x', 1000000))) FROM generate_series(1, 200)",
        );
        const givenUp = { what: 'the members let the WAL go', boundMs: recoveryBoundMs, everyMs: 1_000 };
        await until(givenUp, async () => {
          // Of what is not summarized for incremental backups, nothing is let go. Patroni makes a lost slot anew.
          const [kept] = await inApp(
            "CHECKPOINT; SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'barman' AND pg_current_wal_lsn() - restart_lsn > 150000000",
          );
          return kept === '0' ? true : undefined;
        });
      } finally {
        await docker(['start', `${settings.prefix}backup`]);
        await keep('2GB');
      }
      const whole = { what: 'the repository has a new base backup and receives WAL', boundMs: setUpBoundMs };
      await until(whole, async () => {
        const { isReceiving, hasGap } = await new Repository(lab).status();
        return isReceiving && !hasGap ? true : undefined;
      });
      expect(await answer('status')).toMatchObject({ reasons: [] });
      expect((await answer<{ name: string }[]>('list')).at(-1)?.name).not.toBe(before?.name);
      expect(await docker(['logs', '--since', since, `${settings.prefix}backup`])).toContain('begins anew');
      expect(await restoredRows()).toBe(1);
      // Its WAL ends where the gap begins.
      expect(await backup('verify', `${before?.name}`)).toMatchObject({
        code: 1,
        output: expect.stringContaining('WAL in between is missing'),
      });
    },
    3 * commandBoundMs,
  );

  it(
    'keeps the note of WAL that was lost during a base backup, also when a second one is refused meanwhile',
    async () => {
      const gap = '/var/lib/barman/lab/gap';
      // Stopped while it copies, so that the first one is under way for sure. Before that Barman asks the program for its version only.
      const script = `bash /backup/now.sh >/dev/null & first=$!
        until pkill -STOP -f 'pg_baseback[u]p --dbname'; do sleep 0.02; done
        touch ${gap}
        ! timeout 60 bash /backup/now.sh >/dev/null 2>&1 && echo refused
        pkill -CONT pg_basebackup
        wait "$first" && [[ -f ${gap} ]] && echo kept`;
      const kept = await inRepository(script, commandBoundMs);
      expect(kept.split('\n')).toEqual(['refused', 'kept']);
      // As `status` says. Refused where the repository is at it by itself.
      await backup('now');
      await until({ what: 'a base backup makes up for it', boundMs: 2 * recoveryBoundMs }, async () =>
        (await new Repository(lab).status()).hasGap ? undefined : true,
      );
    },
    commandBoundMs,
  );

  it(
    'says of a gap in its WAL that nothing from there on can be restored, and tells the metrics',
    async () => {
      const gap = '/var/lib/barman/lab/gap';
      // With Barman's lock, or a base backup would make up for the gap at once.
      const held = inRepository(`flock /var/lib/barman/.lab-backup.lock -c 'touch ${gap}; exec sleep 1234'`);
      held.catch(() => undefined);
      try {
        await until({ what: 'there is a gap', boundMs: recoveryBoundMs }, async () =>
          (await inRepository(`ls ${gap} || true`)) === '' ? undefined : true,
        );
        const lostAt = Date.now();
        await inApp('INSERT INTO lab.shelf VALUES (0); DELETE FROM lab.shelf WHERE id = 0');
        const { code, stdout } = await backup('status', '--json');
        const { hasGap, window } = JSON.parse(stdout) as { hasGap: boolean; window: { to: string } };
        expect([code, hasGap]).toEqual([1, true]);
        expect(Date.parse(window.to)).toBeLessThanOrEqual(lostAt);
        expect(await backupMetrics()).toMatch(/pgha_backup_gap\{repository="lab"\} 1/);
      } finally {
        await inRepository(`rm -f ${gap}; pkill -f '[s]leep 1234'`);
      }
    },
    commandBoundMs,
  );

  it(
    'is started anew when what tells of it has died',
    async () => {
      const startedAt = () => docker(['inspect', '--format', '{{.State.StartedAt}}', `${settings.prefix}backup`]);
      const before = await startedAt();
      await inRepository('pkill -f serve.py');
      await until({ what: 'it has been started anew', boundMs: recoveryBoundMs }, async () =>
        (await startedAt()) === before ? undefined : true,
      );
      await until({ what: 'it receives and tells again', boundMs: recoveryBoundMs, everyMs: 500 }, async () =>
        (await backup('status')).code === 0 && /pgha_backup_up\{repository="lab"\} 1/.test(await backupMetrics())
          ? true
          : undefined,
      );
    },
    commandBoundMs,
  );

  it(
    'makes a new member; without it, a member is made from the leader',
    async () => {
      expect(await command('scale', '4', '--from', 'backup')).toMatchObject({ code: 0 });
      try {
        await docker(['stop', `${settings.prefix}backup`]);
        const silent = await backupMetrics();
        expect(silent).toMatch(/pgha_backup_up\{repository="lab"\} 0/);
        expect(silent).not.toMatch(/pgha_backup_age_seconds\{/);
        expect(await command('reinit', 'patroni4')).toMatchObject({ code: 0 });
      } finally {
        await docker(['start', `${settings.prefix}backup`]);
        await command('scale', '3');
      }
    },
    3 * commandBoundMs,
  );

  it(
    'is made anew from its second copy when its files are gone, also while no leader can be reached',
    async () => {
      expect(await backup('on', '--s3')).toMatchObject({ code: 0 });
      await inApp('INSERT INTO lab.shelf VALUES (2)');
      await inApp("SELECT pg_create_restore_point('copied')");
      const writtenAt = Date.now();
      const copied = { what: 'the second copy is newer than the last row', boundMs: recoveryBoundMs };
      await until(copied, async () =>
        Number((await new Repository(lab).status()).copiedAt) > writtenAt ? true : undefined,
      );
      const before = await answer<{ name: string }[]>('list');
      const repository = `${settings.prefix}backup`;
      await docker(['stop', repository]);
      const empty = ['run', '--rm', '--user', '0:0', '--volumes-from', repository, '--entrypoint', 'find'];
      await docker([...empty, 'pg-ha-lab/backup', '/var/lib/barman', '-mindepth', '1', '-delete']);
      await lab.nemesis.kill('haproxy');
      try {
        await docker(['start', repository]);
        const fetched = { what: 'the repository has its backups again', boundMs: 2 * recoveryBoundMs };
        await until(fetched, async () =>
          (await new Repository(lab).list()).length === before.length ? true : undefined,
        );
        expect(await answer('list')).toHaveLength(before.length);
        expect(await restoredRows('copied')).toBe(2);
      } finally {
        await lab.nemesis.heal('haproxy');
      }
      await dropRestored();
      await inApp('INSERT INTO lab.shelf VALUES (3)');
      expect(await backup('on')).toMatchObject({ code: 0 });
      expect(await restoredRows()).toBe(3);

      // It lets old backups go while the store does not answer, and the copy does so afterwards.
      await inRepository(
        `cd /var/lib/barman/lab/meta && ls | head -n -1 | xargs sed -i 's/^end_time=[0-9]*/end_time=2024/'`,
      );
      const inCopy = (folder: string) =>
        inRepository(
          `source /backup/repository.sh && rclone lsf -R --files-only "$(copy_of "$(cat "$repository/cluster")")/${folder}" | sed 's|.*/||'`,
        );
      const byPosition = (names: string) => names.match(/(?<=^.{8}).{16}$/gm)?.toSorted() ?? [];
      const [oldest] = byPosition(await inCopy('wals'));
      await docker(['pause', `${settings.prefix}s3`]);
      const deleted = await answer<string[]>('expire').finally(() => docker(['unpause', `${settings.prefix}s3`]));
      expect(deleted).toContain(before[0]?.name);
      await until({ what: 'the second copy has let them go', boundMs: 2 * recoveryBoundMs }, async () => {
        const names = `${await inCopy('meta')} ${await inCopy('base')}`;
        return deleted.some((name) => names.includes(name)) ? undefined : true;
      });
      expect(byPosition(await inCopy('wals'))).not.toContain(oldest);
    },
    5 * commandBoundMs,
  );

  it(
    'is cloned: a second lab has the rows of the first, and goes its own way',
    async () => {
      const inClone = (sql: string) => command('in', 'twin', 'psql', 'write', '-XAtqc', sql);
      try {
        expect(await runCommand('scripts/lab', ['backup', 'clone', 'twin'], {}, setUpBoundMs)).toMatchObject({
          code: 0,
        });
        expect(await command('in', 'twin', 'status')).toMatchObject({ code: 0 });
        expect(await inClone('SELECT count(*) FROM products')).toMatchObject({
          stdout: `${(await inApp('SELECT count(*) FROM products'))[0]}\n`,
        });
        await inClone("INSERT INTO products (name, price) VALUES ('of the clone', 1)");
        expect(await inApp("SELECT count(*) FROM products WHERE name = 'of the clone'")).toEqual(['0']);
        expect((await backup('clone', 'twin')).output).toMatch(/There is a clone twin/);
      } finally {
        await command('in', 'twin', 'down', '--volumes');
      }
    },
    setUpBoundMs + 2 * commandBoundMs,
  );
});

describe('The loss of all members and their data', () => {
  const claim = useDrill('lose-everything', lab, async (drill) => {
    await drill.load();
    await drill.inject(loseEverything, loseEverything.holdMs);
    await drill.heal('cluster');
    await lab.waitHealthy(setUpBoundMs);
    await drill.recovered(recoveryBoundMs);
  });

  claim(
    'costs at most the last moment: the cluster comes back from the repository',
    ({ acked, lost, duplicates, divergentRows }) => {
      expect(acked).toBeGreaterThan(100);
      expect(lost).toBeLessThanOrEqual(loseEverything.expects.lost?.max ?? 0);
      expect([duplicates, divergentRows]).toEqual([0, 0]);
    },
  );

  it(
    'is told to a client that has seen more than was saved; an Idempotency-Key from before is answered as before',
    async () => {
      const post = async (title: string) => {
        const name = uniqueName(title);
        const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': `"${name}"` };
        const body = JSON.stringify({ name, price: 1 });
        const send = () => fetch(`${settings.apiUrl}/products`, { method: 'POST', headers, body });
        const response = await send();
        expect(response.status).toBe(201);
        const { id } = (await response.json()) as { id: number };
        const token = String(response.headers.get('consistency-token'));
        const read = () => fetch(`${settings.apiUrl}/products/${id}`, { headers: { 'Consistency-Token': token } });
        return { id, send, read };
      };
      const kept = await post('kept');
      await new Repository(lab).waitForReceipt();
      // Killed as it is, it takes along what was on the way to it.
      await inRepository('pkill -STOP pg_receivewal');
      const lost = await post('lost');
      await lab.nemesis.loseMembers();
      await inRepository('pkill -KILL pg_receivewal');
      // What a rebuild leaves that was interrupted while it gave patroni1 its data. The next one finds its base backups unreadable.
      await docker(['volume', 'create', `${lab.settings.LAB_NAME}_patroni1`]);
      await inRepository(
        'cd /var/lib/barman/lab && touch gap rebuilding && for backup in base/*; do mv "$backup"/data "$backup"/kept; done',
      );
      const again = await backup('rebuild', '--to', 'latest', '--yes');
      expect(again).toMatchObject({ code: 1, output: expect.stringContaining('no member was started') });
      await inRepository('for backup in /var/lib/barman/lab/base/*; do mv "$backup"/kept "$backup"/data; done');
      await lab.nemesis.heal('cluster');
      await lab.waitHealthy(setUpBoundMs);

      const told = await lost.read();
      expect([told.status, await told.json()]).toEqual([
        409,
        expect.objectContaining({ code: 'acknowledged_write_lost' }),
      ]);
      expect((await kept.read()).status).toBe(200);
      expect(await (await kept.send()).json()).toMatchObject({ id: kept.id });
      expect((await lost.send()).status).toBe(201);
    },
    setUpBoundMs,
  );
});
