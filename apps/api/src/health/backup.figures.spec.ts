import { describe, expect, it } from '@jest/globals';
import type { BackupStatus } from './backup.client.js';
import { figuresOf } from './backup.figures.js';

describe('figuresOf', () => {
  const well: BackupStatus = {
    lastBackup: '20261127T180000',
    lastBackupAgeSeconds: 60,
    leaderHeardSeconds: 5,
    receiving: true,
    slot: 'reserved',
    behindBytes: 4_096,
    retainedBytes: 16_777_216,
    gap: false,
    newestWalSeconds: 7,
    lastVerifiedAgeSeconds: null,
    copyAgeSeconds: 12,
    freeBytes: 1_000,
  };

  it('shows what the repository says, and nothing where it knows nothing', () =>
    expect(figuresOf(well)).toEqual({
      backupUp: 1,
      backupGap: 0,
      backupAgeSeconds: 60,
      backupWalAgeSeconds: 0,
      backupWalBehindBytes: 4_096,
      backupWalRetainedBytes: 16_777_216,
      backupVerifiedAgeSeconds: undefined,
      backupCopyAgeSeconds: 12,
    }));

  it('shows nothing of what the repository said before it fell silent', () => {
    const { backupUp, ...others } = figuresOf(undefined);
    expect(backupUp).toBe(0);
    expect(Object.values(others).every((value) => value === undefined)).toBe(true);
  });

  it.each([
    ['WAL that was lost', { gap: true }],
    ['a slot that was given up', { slot: 'lost' }],
    ['no base backup', { lastBackup: null, lastBackupAgeSeconds: null }],
  ])('says with %s that what is written now cannot be restored', (_, changes) =>
    expect(figuresOf({ ...well, ...changes }).backupGap).toBe(1),
  );

  it('tells how old the newest WAL is while none is received', () =>
    expect(figuresOf({ ...well, receiving: false }).backupWalAgeSeconds).toBe(7));
});
