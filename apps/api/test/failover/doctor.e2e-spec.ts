import { describe, expect, it } from '@jest/globals';
import { containerOf, docker, psql } from '../../../../libs/chaos/test/support/docker.js';
import { useLab, waitStreaming } from '../../../../libs/chaos/test/support/lab.js';
import { runScript, startScript } from '../../../../libs/chaos/test/support/script.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const boundMs = 120_000;
const noticedBoundMs = 30_000;
const victim = 'etcd3';
const lab = useLab();

interface Status {
  readonly etcd: { readonly quorum: boolean; readonly members: { readonly name: string; readonly healthy: boolean }[] };
  readonly paused: boolean;
  readonly problems: { readonly code: string }[];
}

const status = async (): Promise<Status> => JSON.parse((await runScript('lab', 'status', '--json')).stdout) as Status;
/** The same, for people. */
const statusText = async () => (await runScript('lab', 'status')).stdout;
const codes = ({ problems }: Status) => problems.map(({ code }) => code);

const fix = () => startScript('lab', ['doctor', '--fix']).ended;
const mended = { code: 0, stdout: '✓ Nothing is wrong.\n' };

/** The code and the subject of each finding of `scripts/lab doctor`. */
async function found(): Promise<string[]> {
  const { stdout } = await startScript('lab', ['doctor', '--json']).ended;
  const { findings } = JSON.parse(stdout) as { findings: { code: string; subject: string }[] };
  return findings.map(({ code, subject }) => `${code} ${subject}`);
}

/** The leader keeps 128 MB of WAL without being asked to (wal_keep_size), which is eight segments. */
const segmentsBeyondKept = 10;

/** Leaves the leader without the WAL that `replica`, which is stopped, needs next. */
async function throwWalAway(leader: string, replica: string): Promise<void> {
  const position = `SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = '${replica}'`;
  const [segment] = await psql(leader, `SELECT pg_walfile_name(restart_lsn) FROM (${position}) AS slot`);
  await psql(
    leader,
    `DO $$ BEGIN FOR i IN 1..${segmentsBeyondKept} LOOP
       PERFORM pg_logical_emit_message(false, 'doctor', ''), pg_switch_wal();
     END LOOP; END $$`,
  );
  await until({ what: `${leader} has removed ${segment}`, boundMs: noticedBoundMs }, async () => {
    // As long as Patroni knows the member it makes the slot again, but the new slot starts at the last checkpoint.
    await psql(
      leader,
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${replica}' AND NOT active`,
    );
    await psql(leader, 'CHECKPOINT');
    const [kept] = await psql(leader, `SELECT count(*) FROM pg_ls_waldir() WHERE name = '${segment}'`);
    return kept === '0' ? true : undefined;
  });
}

/** The status of the service in /health, and that of one of its indicators. */
async function health(indicator: string) {
  const answer = await fetch(`${settings.apiUrl}/health`);
  const body = (await answer.json()) as { status: string; details: Record<string, { message?: string }> };
  return { status: body.status, message: body.details[indicator]?.message };
}

describe('scripts/lab doctor', () => {
  it('finds nothing wrong with a healthy lab', async () => {
    expect(JSON.parse((await runScript('lab', 'doctor', '--json')).stdout)).toEqual({ healthy: true, findings: [] });
  });

  it(
    'and status, /health and up name an etcd member whose volume is gone; doctor --fix lets it join again',
    async () => {
      await lab.nemesis.discardEtcd(victim);
      const up = await startScript('lab', ['up']).ended;
      expect(up.code).toBe(1);
      expect(up.stderr).toMatch(/^lab: .*scripts\/lab doctor --fix$/m);

      const seen = await status();
      expect(codes(seen)).toEqual(['etcd_member_lost']);
      expect(seen.etcd.quorum).toBe(true);
      expect(await statusText()).toMatch(new RegExp(`^etcd .*${victim} not healthy   quorum yes$`, 'm'));
      expect(seen.etcd.members.filter(({ healthy }) => !healthy)).toMatchObject([{ name: victim }]);
      expect(await health('etcd')).toMatchObject({ status: 'degraded', message: expect.stringContaining(victim) });
      const looked = await startScript('lab', ['doctor']).ended;
      expect(looked).toMatchObject({ code: 1, stdout: expect.stringContaining(victim) });

      expect(await fix()).toMatchObject(mended);
      expect((await status()).problems).toEqual([]);
      await until({ what: 'health is ok', boundMs: noticedBoundMs }, async () =>
        (await health('etcd')).status === 'ok' ? true : undefined,
      );
      const members = await docker(['exec', containerOf(victim), 'etcdctl', 'member', 'list']);
      expect(members.split('\n').filter((line) => line.includes(', started, '))).toHaveLength(3);
    },
    boundMs,
  );

  it(
    'and status name a paused Patroni; doctor --fix resumes it',
    async () => {
      await lab.nemesis.configure({ pause: true });
      await until({ what: 'status says that Patroni is paused', boundMs: noticedBoundMs }, async () =>
        (await status()).paused ? true : undefined,
      );
      expect(codes(await status())).toEqual(['patroni_paused']);
      expect(await statusText()).toMatch(/^etcd .* Patroni is paused$/m);
      expect(await health('patroni')).toMatchObject({ message: expect.stringContaining('paused') });
      expect(await fix()).toMatchObject(mended);
      expect((await lab.mode()).paused).toBe(false);
    },
    boundMs,
  );

  it(
    'names a role whose password in .env is not the one of the cluster, and sets that one',
    async () => {
      await lab.nemesis.healLater({ kind: 'repair' });
      await psql(await lab.leader(), `ALTER ROLE app_user PASSWORD 'another'`);
      expect(await found()).toContain('password_wrong app_user');
      expect(await fix()).toMatchObject(mended);
      expect((await runScript('lab', 'psql', 'write', '-Atqc', 'SELECT 1')).stdout.trim()).toBe('1');
    },
    boundMs,
  );

  it(
    'and status and /health name a replica whose next WAL the leader has removed; doctor --fix copies the replica anew',
    async () => {
      const leader = await lab.leader();
      const replica = (await lab.replicas())[0] as string;
      await lab.nemesis.healLater({ kind: 'repair' });
      await docker(['stop', containerOf(replica)]);
      await throwWalAway(leader, replica);
      await docker(['start', containerOf(replica)]);
      await until({ what: 'doctor says that the replica lacks WAL', boundMs: noticedBoundMs }, async () =>
        (await found()).includes(`replica_without_wal ${replica}`) ? true : undefined,
      );
      expect(codes(await status())).toContain('replica_without_wal');
      expect(await statusText()).toMatch(
        new RegExp(`^✗ ${replica} cannot catch up: .* Mend: scripts/lab reinit ${replica}$`, 'm'),
      );
      // /health asks only Patroni, which lists the replica as streaming during each of its vain attempts to get the missing WAL.
      await until({ what: '/health says that the replica cannot catch up', boundMs: noticedBoundMs }, async () =>
        String((await health('patroni'))['message']).includes(`scripts/lab reinit ${replica}`) ? true : undefined,
      );
      expect(await fix()).toMatchObject(mended);
      await waitStreaming(lab, replica, noticedBoundMs);
    },
    boundMs,
  );

  it('refuses unknown arguments as wrong usage', async () => {
    expect((await startScript('lab', ['doctor', '--pray']).ended).code).toBe(2);
  });
});
