import type { Metrics } from '../observability/metrics.js';
import type { BackupStatus } from './backup.client.js';

/** The metrics of the backup, by their names in {@link Metrics}. */
export type BackupMetric = Extract<keyof Metrics, `backup${string}`>;

/**
 * What the metrics of the backup show.
 *
 * @param status undefined while the repository does not say how it is
 * @returns undefined where nothing is known: such a metric has no value then, for an old one would look like a good one
 */
export function figuresOf(status: BackupStatus | undefined): Readonly<Record<BackupMetric, number | undefined>> {
  return {
    backupUp: status === undefined ? 0 : 1,
    backupGap: status && (status.gap || status.slot === 'lost' || status.lastBackup === null ? 1 : 0),
    backupAgeSeconds: status?.lastBackupAgeSeconds ?? undefined,
    backupWalAgeSeconds: status && (status.receiving ? 0 : status.newestWalSeconds),
    backupWalBehindBytes: status?.behindBytes ?? undefined,
    backupWalRetainedBytes: status?.retainedBytes ?? undefined,
    backupVerifiedAgeSeconds: status?.lastVerifiedAgeSeconds ?? undefined,
    backupCopyAgeSeconds: status?.copyAgeSeconds ?? undefined,
  };
}
