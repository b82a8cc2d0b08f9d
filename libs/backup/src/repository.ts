import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Lab } from '../../cluster/src/lab.js';
import { pause, until } from '../../cluster/src/wait.js';
import { BackupError } from './backup.error.js';
import {
  type BaseBackup,
  chooseBackup,
  isOf,
  type Lineage,
  parseBackups,
  parseLineage,
  type RestoreWindow,
  usable,
  windowOf,
} from './base.backups.js';
import type { PlannedTarget, RecoveryTarget } from './recovery.target.js';
import type { WalPosition } from './wal.position.js';
import { type Disaster, disastersIn, isSuspect, patternOf, searchWindows, WalScan } from './wal.scan.js';

const service = 'backup';
const backupBoundMs = 3_600_000;
const defaultScanBoundMs = 600_000;
/** For Docker, after which the scan is given up here, too. */
const scanEndsMs = 10_000;
const receivedBoundMs = 10_000;
const writtenMs = 300;

/** What the repository has, and how far behind the leader it is. */
export interface RepositoryStatus {
  readonly backups: readonly BaseBackup[];
  /** Whether WAL is being received now. */
  readonly isReceiving: boolean;
  /** What the leader has written and not sent to the repository; null while nobody leads. */
  readonly behindBytes: number | null;
  /** WAL that every member keeps for the repository; null while nobody leads. */
  readonly retainedBytes: number | null;
  /** `reserved`, `extended`, `unreserved`, or `lost`: the members have let WAL go that was not received. */
  readonly slot: string | null;
  readonly window: RestoreWindow | undefined;
  readonly freeBytes: number;
  /** WAL was lost to the repository, and no base backup has been made since: what is newer cannot be restored yet. */
  readonly hasGap: boolean;
  /** `scripts/lab backup rebuild` was interrupted while it replaced the data of the members. */
  readonly isRebuilding: boolean;
  /** When a restore from it was last verified. */
  readonly verifiedAt: Date | undefined;
  /** The second copy, in an S3 store, has all that was here at this time; null where none is kept, undefined while it is not complete. */
  readonly copiedAt: Date | null | undefined;
}

/** The repository of the lab: Barman in its container (infra/backup). */
export class Repository {
  /**
   * @param warn told when an answer may lack what is newest
   * @param scanBoundMs how long the log may be read for one answer
   */
  constructor(
    private readonly lab: Lab,
    private readonly warn: (line: string) => void = () => undefined,
    private readonly scanBoundMs = defaultScanBoundMs,
  ) {}

  /** @throws BackupError where it is off, or its container is away */
  async require(): Promise<void> {
    const found = (await this.lab.containers.list()).find((container) => container.service === service);
    if (found === undefined) throw new BackupError('there is no backup. Switch it on: scripts/lab backup on');
    if (found.status !== 'running')
      throw new BackupError(`the container ${found.name} is ${found.status}. Start it: docker start ${found.name}`);
  }

  async list(): Promise<BaseBackup[]> {
    const script =
      'cd /var/lib/barman/lab/meta 2>/dev/null || exit 0; for info in *-backup.info; do [[ ! -f $info ]] || { echo "[${info%-backup.info}]"; cat "$info"; }; done';
    return parseBackups(await this.bash(script));
  }

  async status(): Promise<RepositoryStatus> {
    const [backups, slot, files] = await Promise.all([this.list(), this.slot(), this.files()]);
    const isReceiving = slot?.isActive === true;
    return {
      backups,
      isReceiving,
      behindBytes: slot?.behindBytes ?? null,
      retainedBytes: slot?.retainedBytes ?? null,
      slot: slot?.status ?? null,
      window: windowOf(backups, isReceiving && !files.hasGap ? new Date() : files.newestWalAt),
      freeBytes: files.freeBytes,
      hasGap: files.hasGap,
      isRebuilding: files.isRebuilding,
      verifiedAt: files.verifiedAt,
      copiedAt: files.copiedAt,
    };
  }

  /** Makes a base backup. @returns its name, once it can be restored */
  async now(incremental: boolean): Promise<string> {
    const command = ['bash', '/backup/now.sh', ...(incremental ? ['--incremental'] : [])];
    const { code, stdout, stderr } = await this.lab.containers.exec(service, command, backupBoundMs);
    if (code !== 0) throw new BackupError(`no backup was made: ${lastLine(stderr) || lastLine(stdout)}`);
    return lastLine(stdout);
  }

  /** Compares the files of a base backup, and of those that it builds on, with the checksums that PostgreSQL made of them (pg_verifybackup). */
  async verifyFiles(backup: BaseBackup, all: readonly BaseBackup[]): Promise<void> {
    const parent = all.find(({ name }) => name === backup.parent);
    if (parent !== undefined) await this.verifyFiles(parent, all);
    const { name } = backup;
    const command = ['pg_verifybackup', '--no-parse-wal', '--quiet', `/var/lib/barman/lab/base/${name}/data`];
    const { code, stdout, stderr } = await this.lab.containers.exec(service, command, backupBoundMs);
    if (code !== 0) throw new BackupError(`backup ${name} is damaged: ${lastLine(stderr) || lastLine(stdout)}`);
  }

  /** Notes that a restore was verified just now. */
  async noteVerified(): Promise<void> {
    await this.bash('touch /var/lib/barman/lab/verified');
  }

  /** Deletes what is older than the retention policy. @returns the names of the deleted base backups */
  async expire(): Promise<string[]> {
    const output = await this.lab.containers.run(service, ['bash', '/backup/expire.sh'], backupBoundMs);
    return output.split('\n').filter(Boolean);
  }

  /** Finds in the WAL of the last `sinceSeconds` what deleted at least so many rows of a table, truncated or dropped one. Oldest first. */
  async find(sinceSeconds: number, leastRows: number): Promise<Disaster[]> {
    await this.waitForReceipt();
    const [{ transactions }, names, existing] = await Promise.all([
      this.scan(new WalScan(isSuspect(leastRows)), sinceSeconds, this.scanBoundMs),
      this.tableNames(),
      this.existingTables(),
    ]);
    const sinceMs = Date.now() - sinceSeconds * 1_000;
    return disastersIn(transactions, names, existing, leastRows).filter(
      ({ committedAt }) => Date.parse(committedAt) >= sinceMs,
    );
  }

  /**
   * The base backup that recovery to a target can start from, and the target as PostgreSQL is to be told of it.
   *
   * @throws BackupError when the target is outside of what can be restored, with the window
   */
  async planFor(target: RecoveryTarget): Promise<{ backup: BaseBackup; target: PlannedTarget }> {
    const written = await this.waitForReceipt();
    const { backups, window, hasGap, isRebuilding } = await this.status();
    // A rebuild notes a gap by itself, and must be able to begin again. It fails where WAL is really missing.
    if (hasGap && !isRebuilding && target.kind === 'latest')
      throw new BackupError(
        'WAL was lost, and no base backup has been made since: scripts/lab backup now. Or name a moment before that',
      );
    const lineage = await this.lineage();
    const ours = backups.filter((backup) => isOf(lineage, backup));
    const lsn = await this.locate(target, ours);
    const backup = chooseBackup(ours, target, window, lsn);
    if (target.kind === 'latest') return { backup, target: { ...target, atLeast: written ?? (await this.received()) } };
    // A name may have been used more than once, and PostgreSQL would stop at the first. Meant is the last, just before its record.
    return { backup, target: target.kind === 'name' && lsn !== undefined ? { kind: 'lsn', text: lsn } : target };
  }

  /** Where each timeline of the cluster was left, by its number. The newest one is not in it. */
  private async lineage(): Promise<Lineage> {
    const script =
      'cd /var/lib/barman/lab; newest=$(ls wals/*.history streaming/*.history 2>/dev/null | sort -t / -k 2 | tail -n 1); [[ -z $newest ]] || { echo "$newest"; cat "$newest"; }';
    return parseLineage(await this.bash(script));
  }

  /**
   * How far a restore to the newest commit must go: to what the leader had written when this was called, or, where it is not received or
   * nobody leads, to the end of what is here.
   *
   * @throws Error where nothing is here
   */
  async newest(): Promise<WalPosition> {
    return (await this.waitForReceipt()) ?? (await this.received());
  }

  /**
   * Waits until the repository has received all that the leader has written by now, for at most a few seconds, and warns when it has not.
   * Without a leader there is nothing to wait for.
   *
   * @returns a position behind all commits that were acknowledged before this was called, once it is received; else undefined
   */
  async waitForReceipt(): Promise<WalPosition | undefined> {
    const leader = await this.lab.leader().catch(() => undefined);
    if (leader === undefined) return undefined;
    try {
      // A commit, without which recovery to a time would not know that the time has come.
      const [lsn = '', flushed = ''] = await this.lab.psql(
        leader,
        "SET synchronous_commit = local; BEGIN; SELECT pg_logical_emit_message(true, 'backup', ''); COMMIT; SELECT pg_current_wal_flush_lsn(), left(pg_walfile_name(pg_current_wal_lsn()), 8)",
      );
      const [position = '', timeline = ''] = flushed.split('|');
      const received = `SELECT 1 FROM pg_stat_replication AS r JOIN pg_replication_slots AS s ON s.active_pid = r.pid WHERE s.slot_name = 'barman' AND r.sent_lsn >= '${position}'`;
      const bound = { what: `the repository has received ${position}`, boundMs: receivedBoundMs };
      await until(bound, async () => ((await this.lab.psql(leader, received)).length > 0 ? true : undefined));
      // What was sent is written in a moment. The receiver itself says so only every ten seconds.
      await pause(writtenMs);
      // Of the message, not of what was flushed: that may be in the middle of a record, which nobody can replay yet.
      return { timeline: Number.parseInt(timeline, 16), lsn };
    } catch {
      this.warn('the repository has not received all that the leader has written, so what is newest may be missing');
      return undefined;
    }
  }

  /** Where the WAL ends that is here. */
  private async received(): Promise<WalPosition> {
    const [timeline, lsn = ''] = (await this.bash('bash /backup/end.sh')).split(' ');
    return { timeline: Number(timeline), lsn };
  }

  /** Where a transaction or a restore point is in the log; undefined for other targets. */
  private async locate(target: RecoveryTarget, backups: readonly BaseBackup[]): Promise<string | undefined> {
    if (target.kind === 'lsn') return target.text;
    if (target.kind !== 'xid' && target.kind !== 'name') return undefined;
    const [oldest] = usable(backups);
    if (oldest === undefined) return undefined;
    const endMs = performance.now() + this.scanBoundMs;
    for (const seconds of searchWindows((Date.now() - oldest.endedAt.getTime()) / 1_000 + 3_600)) {
      const scan = new WalScan(({ xid }) => xid === Number(target.text));
      await this.scan(scan, seconds, endMs - performance.now(), patternOf(target));
      const found =
        target.kind === 'xid'
          ? scan.transactions.at(-1)
          : scan.restorePoints.findLast(({ name }) => name === target.text);
      if (found !== undefined) return found.lsn;
    }
    const what = target.kind === 'xid' ? 'no committed transaction' : 'no restore point';
    throw new BackupError(
      `the WAL since ${oldest.endedAt.toISOString()} has ${what} ${target.text}. Look: scripts/lab backup find`,
    );
  }

  /** @param boundMs kept in the container: who ends `docker exec` does not end what it started there */
  private async scan(scan: WalScan, sinceSeconds: number, boundMs: number, ...pattern: string[]): Promise<WalScan> {
    const scanMs = Math.max(1, Math.round(boundMs));
    const program = [
      'timeout',
      String(scanMs / 1_000),
      'bash',
      '/backup/scan.sh',
      String(Math.ceil(sinceSeconds)),
      ...pattern,
    ];
    const reader = spawn('docker', ['exec', this.lab.containerName(service), ...program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: scanMs + scanEndsMs,
    });
    const ended = once(reader, 'close');
    let said = '';
    reader.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    for await (const line of createInterface(reader.stdout)) scan.add(line);
    const [code] = (await ended) as [number | null];
    if (code === timedOut || code === null)
      throw new BackupError(
        `the WAL of the last ${Math.round(sinceSeconds / 60)} min could not be read within ${Math.round(this.scanBoundMs / 1_000)} s. Look less far back; restore to a time or a position needs no search`,
      );
    if (code !== 0) throw new BackupError(`the WAL could not be read: ${lastLine(said)}`);
    return scan;
  }

  private async tableNames(): Promise<Map<number, string>> {
    const lines = (await this.bash('cat /var/lib/barman/lab/relations')).split('\n');
    return new Map(lines.map((line) => line.split(' ')).map(([file = '', table = '']) => [Number(file), table]));
  }

  private async existingTables(): Promise<Set<string> | undefined> {
    const sql =
      "SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')";
    return this.lab
      .leader()
      .then((leader) => this.lab.psql(leader, sql))
      .then((rows) => new Set(rows))
      .catch(() => undefined);
  }

  private async slot() {
    const sql = `SELECT s.wal_status, s.active, pg_current_wal_lsn() - s.restart_lsn, pg_current_wal_lsn() - coalesce(r.sent_lsn, s.restart_lsn)
      FROM pg_replication_slots AS s LEFT JOIN pg_stat_replication AS r ON r.pid = s.active_pid WHERE s.slot_name = 'barman'`;
    const rows = await this.lab
      .leader()
      .then((leader) => this.lab.psql(leader, sql))
      .catch(() => []);
    const [status = '', active, retained, behind] = rows[0]?.split('|') ?? [];
    if (status === '') return undefined;
    return {
      status,
      isActive: active === 't',
      retainedBytes: Number(retained),
      behindBytes: Math.max(0, Number(behind)),
    };
  }

  /** What is newer than a gap cannot be restored: its WAL does not count. */
  private async files() {
    const script =
      'cd /var/lib/barman/lab; before=(); [[ ! -f gap ]] || before=(! -newer gap); find streaming wals -type f "${before[@]}" -printf "%T@\\n" | sort -n | tail -n 1; stat -c %Y verified 2>/dev/null || echo 0; [[ -f gap ]] && echo 1 || echo 0; df --output=avail -B1 . | tail -n 1; stat -c %Y copied 2>/dev/null || echo 0; [[ -n ${BACKUP_S3_BUCKET:-} ]] && echo 1 || echo 0; [[ -f rebuilding ]] && echo 1 || echo 0';
    const [newest, verified, gap, free, copied, hasCopy, rebuilding] = (await this.bash(script))
      .split('\n')
      .map(Number);
    return {
      newestWalAt: new Date((newest ?? 0) * 1_000),
      verifiedAt: verified ? new Date(verified * 1_000) : undefined,
      freeBytes: free ?? 0,
      hasGap: gap === 1,
      isRebuilding: rebuilding === 1,
      copiedAt: hasCopy === 1 ? (copied ? new Date(copied * 1_000) : undefined) : null,
    };
  }

  private bash(script: string): Promise<string> {
    return this.lab.containers.run(service, ['bash', '-c', script]);
  }
}

/** Exit status of `timeout`. */
const timedOut = 124;

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
