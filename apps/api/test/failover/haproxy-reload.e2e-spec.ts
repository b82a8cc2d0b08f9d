import { describe } from '@jest/globals';
import { claimSurvival, useDrill } from '../support/drill.js';

const recoveryBoundMs = 30_000;

describe('A reload of HAProxy', () => {
  const claim = useDrill('haproxy-reload', async (drill) => {
    await drill.load('writes', 'reads');
    await drill.strike(() => drill.lab.signal('haproxy', 'USR2'));
    await drill.recovered(recoveryBoundMs);
  });

  claimSurvival(claim);
});
