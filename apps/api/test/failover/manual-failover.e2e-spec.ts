import { beforeAll, describe, expect, it } from '@jest/globals';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { runScript, startScript } from '../../../../libs/chaos/test/support/script.js';
import { until } from '../../../../libs/cluster/src/wait.js';

const boundMs = 240_000;
const healthyBoundMs = 120_000;
const lab = useLab();

describe('scripts/manual_failover.sh', () => {
  // The script pauses Patroni, and resumes it at its end unless it is killed.
  beforeAll(() => lab.nemesis.restoreLater('pause'));

  it(
    'promotes a standby by hand, rebuilds the old leader with pg_rewind, and leaves a healthy cluster',
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

  // The worst moment: the old leader is half copied, and a standby has followed it past the switch point.
  it(
    'leaves a healthy cluster when it is interrupted while it copies the old leader anew',
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

  it('refuses unknown arguments as wrong usage', async () => {
    expect((await startScript('manual_failover.sh', ['pray']).ended).code).toBe(2);
  });
});
