import { describe, expect, it } from '@jest/globals';
import { containerOf, docker } from '../../../../libs/chaos/test/support/docker.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
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
const codes = ({ problems }: Status) => problems.map(({ code }) => code);

/** What the service says of itself and of one of its indicators. */
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
    'names an etcd member whose volume is gone, as do status, /health and up; and gives it its place back',
    async () => {
      await lab.hand.discardEtcd(victim);
      const up = await startScript('lab', ['up']).ended;
      expect(up.code).toBe(1);
      expect(up.stderr).toMatch(/^lab: .*scripts\/lab doctor --fix$/m);

      const seen = await status();
      expect(codes(seen)).toEqual(['etcd_member_lost']);
      expect(seen.etcd.quorum).toBe(true);
      expect(seen.etcd.members.filter(({ healthy }) => !healthy)).toMatchObject([{ name: victim }]);
      expect(await health('etcd')).toMatchObject({ status: 'degraded', message: expect.stringContaining(victim) });
      const looked = await startScript('lab', ['doctor']).ended;
      expect(looked).toMatchObject({ code: 1, stdout: expect.stringContaining(victim) });

      const fixed = await startScript('lab', ['doctor', '--fix']).ended;
      expect(fixed).toMatchObject({ code: 0, stdout: '✓ Nothing is wrong.\n' });
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
    'names a paused Patroni, as does status, and lets it go on',
    async () => {
      await lab.hand.configure({ pause: true });
      await until({ what: 'status says that Patroni is paused', boundMs: noticedBoundMs }, async () =>
        (await status()).paused ? true : undefined,
      );
      expect(codes(await status())).toEqual(['patroni_paused']);
      expect(await health('patroni')).toMatchObject({ message: expect.stringContaining('paused') });
      expect((await startScript('lab', ['doctor', '--fix']).ended).code).toBe(0);
      expect((await lab.mode()).paused).toBe(false);
    },
    boundMs,
  );

  it('refuses what it does not know', async () => {
    expect((await startScript('lab', ['doctor', '--pray']).ended).code).toBe(2);
  });
});
