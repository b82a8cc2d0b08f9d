import { beforeAll, describe, expect, it } from '@jest/globals';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { runScript, startScript } from '../../../../libs/chaos/test/support/script.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const boundMs = 240_000;
const healthyBoundMs = 120_000;
const lab = useLab();

describe('scripts/manual_failover.sh', () => {
  // The script pauses Patroni, and gives it back by itself unless it is killed.
  beforeAll(() => lab.nemesis.restoreLater('pause'));

  it(
    'promotes a standby by hand, rebuilds the old leader by pg_rewind, and gives a healthy cluster back',
    async () => {
      const before = await lab.leader();
      const { stderr } = await runScript('manual_failover.sh', 'rewind');
      expect(stderr).toContain(`${before} is rebuilt as a standby of`);
      expect(await lab.leader()).not.toBe(before);
      await lab.waitHealthy(healthyBoundMs);
      expect((await lab.mode()).paused).toBe(false);
    },
    boundMs,
  );

  // In the worst moment: the old leader half copied, and a standby that has followed it past the fork.
  it(
    'gives a healthy cluster back when it is interrupted while the old leader is being copied',
    async () => {
      const script = startScript('manual_failover.sh', ['basebackup']);
      await until({ what: 'the script copies', boundMs: 60_000, everyMs: 20 }, () =>
        script.said().includes('pg_basebackup -D') ? true : undefined,
      );
      script.interrupt();
      const { code, stderr } = await script.ended;
      expect(code).toBe(130);
      expect(stderr).toContain("The cluster is whole, and Patroni's");
      await lab.waitHealthy(healthyBoundMs);
      expect((await lab.mode()).paused).toBe(false);
    },
    boundMs,
  );

  it('refuses what it does not know', async () => {
    expect((await startScript('manual_failover.sh', ['pray']).ended).code).toBe(2);
  });
});
