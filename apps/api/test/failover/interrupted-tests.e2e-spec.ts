import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { psql } from '../support/docker.js';
import { LabController } from '../support/lab.controller.js';
import { until } from '../support/wait.js';

const mending = fileURLToPath(new URL('../support/lab.mending.ts', import.meta.url));
const mendingBoundMs = 60_000;
const replayBoundMs = 20_000;
const configBoundMs = 10_000;
const healthyBoundMs = 120_000;

describe('What scripts/test runs after Ctrl-C', () => {
  const lab = new LabController();

  beforeAll(() => lab.heal(healthyBoundMs), healthyBoundMs);
  afterAll(async () => {
    await lab.configure({ synchronous_mode: 'quorum', pause: null });
    await lab.heal(healthyBoundMs);
  }, healthyBoundMs);

  it(
    'mends what drills break, without having seen them do it',
    async () => {
      const leader = await lab.leader();
      const [replica = ''] = await lab.replicas();
      await lab.configure({ synchronous_mode: 'off', pause: true });
      await lab.pause('api1');
      await lab.freezeReplay(replica);
      await lab.cutReplication(leader);

      await promisify(execFile)(process.execPath, ['--import', 'tsx', mending], { timeout: mendingBoundMs });

      const [position] = await psql(leader, `SELECT pg_create_restore_point('mended')`);
      await until({ what: `${replica} replays ${position}`, boundMs: replayBoundMs }, async () => {
        const [replayed] = await psql(replica, `SELECT pg_last_wal_replay_lsn() >= '${position}'`);
        return replayed === 't' ? true : undefined;
      });
      await until({ what: 'Patroni works on, and in quorum mode', boundMs: configBoundMs }, async () => {
        const { synchronous_mode: mode, pause } = await lab.config();
        return mode === 'quorum' && pause === undefined ? true : undefined;
      });
      await lab.waitHealthy(healthyBoundMs);
    },
    healthyBoundMs + mendingBoundMs,
  );
});
