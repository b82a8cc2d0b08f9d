import { describe } from '@jest/globals';
import { claimSafety, useDrill, type DrillPart } from '../../../../libs/chaos/test/support/drill.js';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { apiRestarts } from './one-load/api-restarts.drill.js';
import { etcdOutage } from './one-load/etcd-outage.drill.js';
import { haproxyReload } from './one-load/haproxy-reload.drill.js';
import { leaderDeath } from './one-load/leader-kill.drill.js';
import { replicaDeaths } from './one-load/replicas-kill.drill.js';

const lab = useLab();
/** The one that ends the load comes last. */
const parts: readonly DrillPart[] = [haproxyReload(), apiRestarts(), etcdOutage(), replicaDeaths(), leaderDeath()];

describe('Faults one after the other, under one load', () => {
  const claim = useDrill('one-load', lab, async (drill) => {
    await drill.load();
    for (const { run } of parts) await run(drill);
  });

  for (const { claims } of parts) claims(claim);

  claimSafety(claim, 'after all of these');
});
