import { describe, expect, it } from '@jest/globals';
import type { RunFile } from '../results/run.result.js';
import { exitOf, exitOfProofs } from './exit.status.js';

const file = (content: object) => content as RunFile;
const pass = file({ verdict: { pass: true, reasons: [] } });
const fail = file({ verdict: { pass: false, reasons: ['lost is 1, expected at most 0'] } });
const skip = file({ skipped: 'no nftables' });

describe('The exit status', () => {
  it.each<[string, RunFile[], faults: number, mutations: number]>([
    ['is 0 when everything passed', [pass, pass], 0, 0],
    ['is 1 when one failed', [pass, fail], 1, 1],
    ['is 2 when nothing was run', [skip], 2, 2],
    ['is 0 when a fault was skipped, and 2 when a mutation was', [pass, skip], 0, 2],
    ['is 1 when one failed, whatever was skipped', [skip, fail], 1, 1],
  ])('%s', (_, files, faults, mutations) => {
    expect([exitOf(files), exitOfProofs(files)]).toEqual([faults, mutations]);
  });
});
