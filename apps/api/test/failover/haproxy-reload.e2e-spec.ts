import { describe, expect } from '@jest/globals';
import { useDrill } from '../support/drill.js';
import { failed } from '../support/history.js';

const recoveryBoundMs = 30_000;

describe('A reload of HAProxy', () => {
  const claim = useDrill('haproxy-reload', async (drill) => {
    await drill.load('writes', 'reads');
    await drill.strike(() => drill.lab.signal('haproxy', 'USR2'));
    await drill.recovered(recoveryBoundMs);
  });

  claim('fails no request', ({ writeAttempts, readAttempts }) => {
    expect(writeAttempts.length).toBeGreaterThan(0);
    expect(failed([...writeAttempts, ...readAttempts])).toEqual([]);
  });

  claim('loses nothing and writes nothing twice', (result) => {
    expect(result).toMatchObject({ lostUpdates: [], writes: { lost: [], duplicates: [], ghosts: [] } });
  });
});
