import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { runScript } from '../../../../libs/chaos/test/support/script.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';
import { until } from '../../../../libs/cluster/src/wait.js';
import { startBreaking } from '../support/chaos.process.js';

const brokenBoundMs = 60_000;
const replayBoundMs = 20_000;
const configBoundMs = 10_000;
const healthyBoundMs = 120_000;

// The test opens no session of its own, for the program that breaks the lab uses it, and then the one that heals it.
const lab = openLab();

describe('What scripts/test runs after Ctrl-C', () => {
  beforeAll(() => lab.waitHealthy(healthyBoundMs), healthyBoundMs);
  afterAll(async () => {
    await runScript('lab', 'chaos', 'heal');
    await lab.waitHealthy(healthyBoundMs);
  }, healthyBoundMs);

  it(
    'heals what an interrupted test has broken: Patroni’s mode, a paused and a killed container, stopped replay and a cut network',
    async () => {
      const leader = await lab.leader();
      const [replica = ''] = await lab.replicas();
      const breaking = startBreaking();
      await breaking.saying('broken', brokenBoundMs);
      breaking.kill('SIGKILL');
      await breaking.ended;

      const { stderr } = await runScript('lab', 'chaos', 'heal');

      expect(stderr).toContain('healed');
      const [position] = await psql(leader, `SELECT pg_create_restore_point('healed')`);
      await until({ what: `${replica} replays ${position}`, boundMs: replayBoundMs }, async () => {
        const [replayed] = await psql(replica, `SELECT pg_last_wal_replay_lsn() >= '${position}'`);
        return replayed === 't' ? true : undefined;
      });
      await until({ what: 'Patroni works on, and in quorum mode', boundMs: configBoundMs }, async () => {
        const { paused, replication } = await lab.mode();
        return replication === 'quorum' && !paused ? true : undefined;
      });
      await lab.waitHealthy(healthyBoundMs);
    },
    healthyBoundMs + brokenBoundMs,
  );

  it('says that nothing was left broken when nothing was', async () => {
    expect((await runScript('lab', 'chaos', 'heal')).stderr).toContain('nothing was left broken');
  });
});
