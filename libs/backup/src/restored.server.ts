import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { docker, dockerFor } from '../../cluster/src/docker.mjs';
import type { Lab } from '../../cluster/src/lab.js';
import { pause } from '../../cluster/src/wait.js';
import { BackupError } from './backup.error.js';
import type { BaseBackup } from './base.backups.js';
import { type PlannedTarget, settingOf } from './recovery.target.js';
import {
  bringBackSql,
  copyableShape,
  diffSql,
  exportSql,
  importSql,
  makeTableCommand,
  raiseCountersSql,
  shapeOf,
  shapeSql,
  type TableShape,
} from './table.copy.js';
import { parseHistory, reaches, type WalPosition } from './wal.position.js';

const programs = fileURLToPath(new URL('../../../infra/backup', import.meta.url));
const image = 'pg-ha-lab/backup';
const label = 'pg-ha-lab.restored';
const restoreBoundMs = 3_600_000;
const copyBoundMs = 3_600_000;
const queryBoundMs = 300_000;
const startBoundMs = 60_000;
const lookEveryMs = 150;
const progressEveryMs = 2_000;

/** What a restored server says of its recovery. */
export interface Recovered {
  readonly port: number;
  readonly backup: string;
  /** PostgreSQL's own words: before which transaction it stopped, and when the last one before it was committed. */
  readonly stopped: string | undefined;
  readonly lastCommitAt: string | undefined;
  /** Timelines of the cluster that recovery went along, oldest first. */
  readonly timelines: readonly number[];
  readonly filesMs: number;
  readonly walMs: number;
}

/** How the past differs from the present. */
export interface TableDiff {
  /** Rows of the past that are gone. */
  readonly missing: number;
  /** Rows that have another content now. */
  readonly changed: number;
  /** Rows that the past did not have. */
  readonly added: number;
}

/** A server beside the lab with the lab's data of another moment. It has a container and a volume, and no part in the cluster. */
export class RestoredServer {
  private readonly container: string;

  constructor(
    private readonly lab: Lab,
    readonly name: string,
    /** What runs in it. A test gives others, to prove that a wrong restore is noticed. */
    private readonly folder = programs,
  ) {
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name))
      throw new BackupError(
        `'${name}' is no name for a restored server: small letters, digits and hyphens, at most 31`,
      );
    this.container = `${lab.settings.LAB_PREFIX}restored-${name}`;
  }

  /** How its container is called. */
  get containerName(): string {
    return this.container;
  }

  /** @returns the names of the restored servers that there are */
  static async list(lab: Lab): Promise<string[]> {
    const filter = `label=${label}=${lab.settings.LAB_NAME}`;
    const { stdout } = await docker('ps', '--all', '--filter', filter, '--format', '{{.Names}}');
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((name) => name.slice(`${lab.settings.LAB_PREFIX}restored-`.length))
      .toSorted();
  }

  /**
   * Starts a server from a base backup and waits until it has recovered to the target and takes queries and writes.
   *
   * @throws BackupError when it has not come so far; the server then stays, with its log
   */
  async restore(backup: BaseBackup, target: PlannedTarget, say: (line: string) => void): Promise<Recovered> {
    if ((await RestoredServer.list(this.lab)).includes(this.name))
      throw new BackupError(`there is a restored server ${this.name}. Drop it: scripts/lab backup drop ${this.name}`);
    const startedMs = performance.now();
    const { ok, stderr } = await dockerFor(
      startBoundMs,
      'run',
      '--detach',
      ...this.options(backup, target),
      image,
      'bash',
      '/backup/restore.sh',
    );
    if (!ok) throw new BackupError(`the container ${this.container} could not be started: ${stderr.trim()}`);
    const filesMs = await this.waitForRecovery(startedMs, say);
    const walMs = performance.now() - startedMs - filesMs;
    const [log, port, history] = await Promise.all([this.log(), this.port(), this.history()]);
    if (target.kind === 'latest') this.requireAll(history.at(-1), target.atLeast);
    return {
      port,
      backup: backup.name,
      stopped: /recovery stopping (.*)/.exec(log)?.[1],
      lastCommitAt: /last completed transaction was at log time (.*)/.exec(log)?.[1],
      timelines: history.map(({ timeline }) => timeline).filter((timeline) => timeline >= backup.timeline),
      filesMs: Math.round(filesMs),
      walMs: Math.round(walMs),
    };
  }

  /** Removes the server with its data. @throws BackupError where there is none */
  async drop(): Promise<void> {
    const names = await RestoredServer.list(this.lab);
    if (!names.includes(this.name)) throw this.missing(names);
    await this.remove();
  }

  /** Removes the server with its data, if it is there. */
  async remove(): Promise<void> {
    await dockerFor(startBoundMs, 'rm', '--force', '--volumes', this.container);
  }

  /** Compares a table with that of the lab. */
  async diff(table: string): Promise<TableDiff> {
    const shape = await this.shapeIn(table);
    const [numbers = ''] = await this.besidePresent(shape, undefined, diffSql(shape));
    const [missing = 0, changed = 0, added = 0] = numbers.split('|').map(Number);
    return { missing, changed, added };
  }

  /** Brings rows back that the lab does not have any more, and lets its sequences go on after them. @returns how many rows */
  async copy(table: string, where: string | undefined): Promise<number> {
    const shape = await this.shapeIn(table);
    const [count = '0'] = await this.besidePresent(shape, where, `${bringBackSql(shape)}\n${raiseCountersSql(shape)}`);
    return Number(count);
  }

  /** Reads every row of app_db, with pg_dump. */
  async readAll(): Promise<void> {
    const dump = ['bash', '-c', 'pg_dump app_db >/dev/null'];
    const { ok, stderr } = await dockerFor(copyBoundMs, 'exec', this.container, ...dump);
    if (!ok) throw new BackupError(`${this.container}: ${stderr.trim()}`);
  }

  /** Runs SQL in its app_db. @returns a line for each row, with `|` between columns */
  async psql(sql: string): Promise<string[]> {
    const { ok, stdout, stderr } = await dockerFor(queryBoundMs, 'exec', this.container, ...psql, '-c', sql);
    if (!ok) throw new BackupError(`${this.container}: ${stderr.trim()}`);
    return stdout.split('\n').filter(Boolean);
  }

  private options(backup: BaseBackup, target: PlannedTarget): string[] {
    const { LAB_NAME } = this.lab.settings;
    const flags = {
      name: [this.container],
      // An image that Compose built gives its containers the lab's label: without it they are not taken for the lab's own.
      label: [`${label}=${LAB_NAME}`, 'com.docker.compose.project='],
      network: [`${LAB_NAME}_default`],
      publish: ['127.0.0.1::5432'],
      user: ['barman'],
      // Where SELinux guards the checkout. Elsewhere it changes nothing.
      'security-opt': ['label=disable'],
      'shm-size': ['256m'],
      memory: ['1g'],
      // With SIGTERM PostgreSQL would wait for its clients.
      'stop-signal': ['SIGINT'],
      volume: [`${LAB_NAME}_backup:/var/lib/barman:ro`, `${this.folder}:/backup:ro`, '/restored'],
      env: [`BACKUP=${backup.name}`, `TARGET=${settingOf(target)}`, 'PGHOST=/tmp', 'PGUSER=postgres'],
    };
    return [
      '--init',
      ...Object.entries(flags).flatMap(([flag, values]) => values.map((value) => `--${flag}=${value}`)),
    ];
  }

  /** @returns when the files were there, in ms since the start */
  private async waitForRecovery(startedMs: number, say: (line: string) => void): Promise<number> {
    let filesMs: number | undefined;
    let saidMs = startedMs;
    while (performance.now() - startedMs < restoreBoundMs) {
      const { ok: isKnown, stdout: state } = await docker('inspect', '--format', '{{.State.Running}}', this.container);
      if (isKnown && state.trim() !== 'true') throw this.failed(reasonIn(await this.log()));
      const { ok, stdout } = await docker(
        'exec',
        this.container,
        ...psql,
        '-c',
        'SELECT r, pg_last_wal_replay_lsn(), CASE WHEN r THEN pg_get_wal_replay_pause_state() END FROM pg_is_in_recovery() AS r',
      );
      const [inRecovery, position = '', paused] = stdout.trim().split('|');
      // It would wait for ever: the leader's limits, such as max_connections, were raised after the base backup.
      if (paused === 'paused')
        throw this.failed('it needs larger limits than the base backup had. Restore from a newer one');
      if (filesMs === undefined && (ok || (await this.hasFiles()))) filesMs = performance.now() - startedMs;
      if (inRecovery === 'f') return filesMs ?? performance.now() - startedMs;
      if (performance.now() - saidMs > progressEveryMs) {
        saidMs = performance.now();
        say(
          filesMs === undefined
            ? `copying files, ${await this.size()} so far`
            : `replaying WAL${position === '' ? '' : `, at ${position}`}`,
        );
      }
      await pause(lookEveryMs);
    }
    throw new BackupError(`recovery has not ended within an hour. Look: docker logs ${this.container}`);
  }

  private failed(reason: string): BackupError {
    return new BackupError(
      `recovery failed: ${reason}. Its log: docker logs ${this.container}. Then: scripts/lab backup drop ${this.name}`,
    );
  }

  private async hasFiles(): Promise<boolean> {
    return (await docker('exec', this.container, 'test', '-f', '/restored/ready')).ok;
  }

  private async size(): Promise<string> {
    return (await docker('exec', this.container, 'du', '-sh', '/restored')).stdout.split('\t')[0] ?? '';
  }

  private async log(): Promise<string> {
    const { stdout, stderr } = await docker('logs', this.container);
    return stdout + stderr;
  }

  private async port(): Promise<number> {
    const { stdout } = await docker('port', this.container, '5432');
    return Number(stdout.trim().split('\n')[0]?.split(':').at(-1));
  }

  /** Each promotion begins a timeline, also that of the restored server; its history names those before it, and where recovery ended. */
  private async history(): Promise<WalPosition[]> {
    const script = 'cat "$(ls /restored/data/pg_wal/*.history | tail -n 1)"';
    const { stdout } = await docker('exec', this.container, 'bash', '-c', script);
    return parseHistory(stdout);
  }

  /** To PostgreSQL a segment that is missing is the end of the log, which is no error to it. */
  private requireAll(end: WalPosition | undefined, wanted: WalPosition): void {
    if (end !== undefined && reaches(end, wanted)) return;
    const reached = end === undefined ? 'nowhere' : `at ${end.lsn} of timeline ${end.timeline}`;
    throw this.failed(
      `it ended ${reached}, before ${wanted.lsn} of timeline ${wanted.timeline}: WAL in between is missing`,
    );
  }

  private async shapeIn(table: string): Promise<TableShape> {
    const names = await RestoredServer.list(this.lab);
    if (!names.includes(this.name)) throw this.missing(names);
    const leader = await this.lab.leader();
    const [then, now] = (await Promise.all([this.psql(shapeSql(table)), this.lab.psql(leader, shapeSql(table))])).map(
      shapeOf,
    );
    if (then === undefined) throw new BackupError(`${this.name} has no table ${table}`);
    if (now !== undefined) return copyableShape(then, now);
    const containers = { restored: this.container, leader: this.lab.containerName(leader) };
    throw new BackupError(
      `the lab has no table ${table} any more. Make it first: ${makeTableCommand(then.table, containers)}`,
    );
  }

  private missing(names: readonly string[]): BackupError {
    const there = names.length === 0 ? 'there is none' : `there are: ${names.join(', ')}`;
    return new BackupError(`no restored server is called ${this.name}; ${there}`);
  }

  /** Runs SQL on the leader, in one transaction, beside a temporary table with the rows of the past. */
  private async besidePresent(shape: TableShape, where: string | undefined, sql: string): Promise<string[]> {
    const leader = this.lab.containerName(await this.lab.leader());
    const past = spawn('docker', ['exec', this.container, ...psql, '-c', exportSql(shape, where)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const present = spawn('docker', ['exec', '-i', leader, ...psql, '--single-transaction'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const bound = setTimeout(() => [past, present].forEach((process) => process.kill()), copyBoundMs);
    try {
      present.stdin.write(importSql(shape));
      past.stdout.on('data', (chunk: Buffer) => {
        if (!present.stdin.write(chunk)) past.stdout.pause();
      });
      present.stdin.on('drain', () => past.stdout.resume()).on('error', () => past.kill());
      const outputs = Promise.all([
        text(past.stderr),
        text(present.stdout),
        text(present.stderr),
        once(present, 'close'),
      ]);
      const [pastCode] = (await once(past, 'close')) as [number | null];
      // Without the end of the data, nothing of it is taken.
      if (pastCode === 0) present.stdin.end(`\\.\n${sql}\n`);
      else present.kill();
      const [pastSaid, rows, presentSaid, [presentCode]] = (await outputs) as [string, string, string, [number | null]];
      if (pastCode !== 0 && presentSaid === '') throw new BackupError(`${this.container}: ${pastSaid.trim()}`);
      if (presentCode !== 0) throw new BackupError(`nothing was changed: ${presentSaid.trim()}`);
      return rows.split('\n').filter(Boolean);
    } finally {
      clearTimeout(bound);
    }
  }
}

const psql = ['psql', '-U', 'postgres', '-d', 'app_db', '-XAqt', '-v', 'ON_ERROR_STOP=1'];

const reasonIn = (log: string): string =>
  log
    .trim()
    .split('\n')
    .findLast((line) => /FATAL|error|PANIC/i.test(line))
    ?.replace(/^.*?(FATAL|PANIC): +/, '') ?? 'it said nothing';
