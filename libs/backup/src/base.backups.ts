import { BackupError } from './backup.error.js';
import { describeTarget, type RecoveryTarget } from './recovery.target.js';
import { parseHistory, positionOf } from './wal.position.js';

/** One base backup of the repository. */
export interface BaseBackup {
  readonly name: string;
  /** An incremental backup has only what changed since its parent. */
  readonly parent: string | undefined;
  /** `DONE`: it can be restored. `WAITING_FOR_WALS`, `STARTED`, `FAILED`, … as Barman says. */
  readonly status: string;
  readonly endedAt: Date;
  /** Recovery cannot stop before this position: the files are of several moments up to it. */
  readonly endLsn: string;
  readonly timeline: number;
  readonly sizeBytes: number;
  readonly error: string | undefined;
}

/** The part of the past that can be restored. */
export interface RestoreWindow {
  readonly from: Date;
  readonly to: Date;
}

/** Reads descriptions as the repository prints them: `[NAME]`, and below it the lines of Barman's description. */
export function parseBackups(text: string): BaseBackup[] {
  return text
    .split(/^\[(?=\d{8}T\d{6}\]$)/m)
    .slice(1)
    .map((section) => {
      const [head = '', ...lines] = section.split('\n');
      const fields = new Map(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      const given = (name: string) => {
        const value = fields.get(name);
        return value === undefined || value === '' || value === 'None' ? undefined : value;
      };
      return {
        name: head.replace(']', ''),
        parent: given('parent_backup_id'),
        status: given('status') ?? 'UNKNOWN',
        endedAt: new Date(given('end_time') ?? 0),
        endLsn: given('end_xlog') ?? 'FFFFFFFF/FFFFFFFF',
        timeline: Number(given('timeline') ?? 0),
        sizeBytes: Number(given('size') ?? given('deduplicated_size') ?? 0),
        error: given('error'),
      };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The backups that can be restored: complete, as are all that they build on. Oldest first. */
export function usable(backups: readonly BaseBackup[]): BaseBackup[] {
  const byName = new Map(backups.map((backup) => [backup.name, backup]));
  const isUsable = (backup: BaseBackup | undefined): boolean =>
    backup?.status === 'DONE' && (backup.parent === undefined || isUsable(byName.get(backup.parent)));
  return backups.filter(isUsable);
}

/** Where each timeline was left, by its number; the newest one has not been left. */
export interface Lineage {
  readonly newest: number;
  readonly leftAt: ReadonlyMap<number, bigint>;
}

/** Reads the path of the newest timeline's history, and below it that file. Without any, there is one timeline. */
export function parseLineage(text: string): Lineage {
  const newest = /([\dA-F]{8})\.history/.exec(text)?.[1];
  return {
    newest: newest === undefined ? 1 : Number.parseInt(newest, 16),
    leftAt: new Map(parseHistory(text).map(({ timeline, lsn }) => [timeline, positionOf(lsn)])),
  };
}

/** Whether a backup is of the cluster's present history, and not of a branch that it has left. */
export function isOf({ newest, leftAt }: Lineage, { timeline, endLsn }: BaseBackup): boolean {
  const left = leftAt.get(timeline);
  return timeline === newest || (left !== undefined && positionOf(endLsn) <= left);
}

/** From the end of the first backup to the newest WAL, or the newest before a gap; undefined while there is no backup. */
export function windowOf(backups: readonly BaseBackup[], newestWalAt: Date): RestoreWindow | undefined {
  const [first] = usable(backups);
  return first === undefined ? undefined : { from: first.endedAt, to: newestWalAt };
}

/**
 * The newest backup that recovery to the target can start from.
 *
 * @param targetLsn where the transaction or restore point of the target is, which only the log tells
 * @throws BackupError when there is none, with the window that can be restored
 */
export function chooseBackup(
  backups: readonly BaseBackup[],
  target: RecoveryTarget,
  window: RestoreWindow | undefined,
  targetLsn: string | undefined,
): BaseBackup {
  if (window === undefined) throw new BackupError('there is no base backup yet. Make one: scripts/lab backup now');
  const found = usable(backups).findLast((backup) => {
    if (target.kind === 'latest') return true;
    if (target.kind === 'time') return backup.endedAt <= target.at;
    return targetLsn !== undefined && positionOf(backup.endLsn) <= positionOf(targetLsn);
  });
  const isTooLate = target.kind === 'time' && target.at > window.to;
  if (found !== undefined && !isTooLate) return found;
  throw new BackupError(
    `${describeTarget(target)} cannot be restored, only what is between ${describeMoment(window.from)} and ${describeMoment(window.to)}`,
  );
}

const describeMoment = (at: Date): string => `${at.toISOString()} (${at.toLocaleString('sv')} here)`;
