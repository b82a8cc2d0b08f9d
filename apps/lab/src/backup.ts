import { Command } from 'commander';
import { BackupError } from '../../../libs/backup/src/backup.error.js';
import { type BaseBackup, usable } from '../../../libs/backup/src/base.backups.js';
import { describeDisaster, restoreAdvice } from '../../../libs/backup/src/disaster.text.js';
import { describeTarget, parseTarget } from '../../../libs/backup/src/recovery.target.js';
import { rehearse } from '../../../libs/backup/src/rehearsal.js';
import { Repository } from '../../../libs/backup/src/repository.js';
import { RestoredServer } from '../../../libs/backup/src/restored.server.js';
import { oldCopySeconds } from '../../../libs/cluster/src/core/backup.mjs';
import { Lab } from '../../../libs/cluster/src/lab.js';
import { readSettings } from '../../../libs/cluster/src/lab.settings.js';
import { duration, isUsage, out, whole } from '../../../libs/chaos/src/command-line/arguments.js';
import { Progress } from '../../../libs/chaos/src/command-line/progress.js';

interface Flags {
  readonly json?: boolean;
}

const lab = new Lab(readSettings(process.env));
const progress = new Progress(process.stderr);
const repository = new Repository(lab, progress.say);

const program = new Command('scripts/lab backup')
  .description('Base backups and every commit, kept beside the cluster. Switch it on with scripts/lab backup on.')
  .exitOverride()
  .addHelpText('after', '\nExit status: 0 what was asked is true, 1 it is not, 2 wrong usage.');

/** A subcommand. Each needs the repository, and prints JSON if asked to. */
const command = (usage: string, description: string): Command =>
  program
    .command(usage)
    .description(description)
    .option('--json', 'as JSON')
    .hook('preAction', () => repository.require());

command('status', 'what can be restored, and how far behind the repository is').action(async ({ json }: Flags) => {
  const status = await repository.status();
  const restored = await RestoredServer.list(lab);
  const reasons = [
    ...(status.isReceiving ? [] : ['no WAL is received']),
    ...(status.slot === 'lost' || status.hasGap
      ? ['the members have let WAL go that was not received, and no base backup was made since: scripts/lab backup now']
      : []),
    ...(status.copiedAt && Date.now() - status.copiedAt.getTime() > oldCopySeconds * 1_000
      ? ['the second copy is old: docker logs backup']
      : []),
    ...(status.window === undefined ? ['there is no base backup: scripts/lab backup now'] : []),
  ];
  if (reasons.length > 0) process.exitCode = 1;
  if (json === true) return out(JSON.stringify({ ...status, restored, reasons }));
  const last = usable(status.backups).at(-1);
  for (const [name, value] of [
    ['restorable', status.window ? `${moment(status.window.from)} to ${moment(status.window.to)}` : 'nothing yet'],
    ['last backup', last ? `${last.name}, ${kindOf(last)}, ${age(last.endedAt)} ago` : 'none'],
    ['WAL', status.isReceiving ? `received, ${bytes(status.behindBytes)} behind` : 'NOT received'],
    ['kept for it', `${bytes(status.retainedBytes)} on each member (${status.slot ?? 'no slot'})`],
    ['free space', bytes(status.freeBytes)],
    ['last verified restore', status.verifiedAt ? `${age(status.verifiedAt)} ago` : 'never: scripts/lab backup verify'],
    [
      'second copy',
      status.copiedAt === null
        ? 'none: scripts/lab backup on --s3'
        : status.copiedAt === undefined
          ? 'not complete yet'
          : `${Math.round((Date.now() - status.copiedAt.getTime()) / 1_000)} s old`,
    ],
    ['restored servers', restored.join(', ') || 'none'],
  ] as const)
    out(`${name.padEnd(22)} ${value}`);
  for (const reason of reasons) out(`✗ ${reason}`);
});

command('now', 'makes a base backup')
  .option('--incremental', 'only what changed since the last one')
  .action(async ({ json, incremental = false }: Flags & { incremental?: boolean }) => {
    progress.start(incremental ? 'an incremental backup' : 'a base backup');
    const name = await repository.now(incremental);
    const made = (await repository.list()).find((backup) => backup.name === name);
    progress.end(`✓ ${name}${made ? `, ${kindOf(made)}, ${bytes(made.sizeBytes)}` : ''}`);
    if (json === true) out(JSON.stringify(made));
  });

command('list', 'the base backups').action(async ({ json }: Flags) => {
  const backups = await repository.list();
  if (json === true) return out(JSON.stringify(backups));
  for (const backup of backups)
    out(
      `${backup.name}  ${kindOf(backup).padEnd(11)} ${bytes(backup.sizeBytes).padStart(9)}  timeline ${backup.timeline}  ` +
        `${moment(backup.endedAt)}  ${backup.status}${backup.error ? `: ${backup.error}` : ''}`,
    );
});

command('verify', 'restores a backup up to the newest commit, reads all of it, and drops it again')
  .argument('[name]', 'a backup of `list` (default: the newest)')
  .action(async (name: string | undefined, { json }: Flags) => {
    progress.start('verify');
    const result = await rehearse(lab, repository, name, (line) => progress.say(line));
    progress.end(
      `✓ ${result.backup} can be restored: files ${seconds(result.filesMs)}, WAL ${seconds(result.walMs)}, ${result.tables} tables read`,
    );
    if (json === true) out(JSON.stringify(result));
  });

command('expire', 'deletes what is older than the retention policy').action(async ({ json }: Flags) => {
  const names = await repository.expire();
  if (json === true) out(JSON.stringify(names));
  else out(names.length === 0 ? 'Nothing is older than the retention policy.' : `Deleted: ${names.join(', ')}`);
});

command('find', 'big deletes, truncates and drops in the WAL')
  .option('--since <time>', 'how far back: 90s, 10m, 1h', duration, 600_000)
  .option('--rows <n>', 'deletes of at least so many rows', whole(1, 1_000_000_000), 100)
  .action(async ({ json, since, rows }: Flags & { since: number; rows: number }) => {
    const found = await repository.find(since / 1_000, rows);
    if (json === true) return out(JSON.stringify(found));
    if (found.length === 0) return out('Nothing of the kind.');
    for (const line of [...found.map(describeDisaster), '', ...restoreAdvice(found)]) out(line);
  });

command('restore', 'restores the past as a server beside the lab, which goes on')
  .requiredOption('--to <target>', 'a time with its zone, a transaction, a position, a restore point, or latest')
  .option('--name <name>', 'how to call it', 'past')
  .action(async ({ json, to, name }: Flags & { to: string; name: string }) => {
    const wanted = parseTarget(to);
    const server = new RestoredServer(lab, name);
    const { backup, target } = await repository.planFor(wanted);
    progress.start(`restoring ${describeTarget(wanted)}, from backup ${backup.name}`);
    const recovered = await server.restore(backup, target, (line) => progress.say(line));
    progress.end(
      `✓ ${name}: files ${seconds(recovered.filesMs)}, WAL ${seconds(recovered.walMs)}, along timelines ${recovered.timelines.join(', ')}`,
    );
    if (json === true) return out(JSON.stringify({ name, container: server.containerName, ...recovered }));
    if (recovered.stopped !== undefined) out(`recovery stopped ${recovered.stopped}`);
    if (recovered.lastCommitAt !== undefined) out(`its last commit   ${recovered.lastCommitAt}`);
    out(
      `connect           docker exec -it ${server.containerName} psql app_db     or 127.0.0.1:${recovered.port}, with the lab's logins`,
    );
    out(`what is missing   scripts/lab backup diff ${name} TABLE`);
    out(`bring it back     scripts/lab backup copy ${name} TABLE`);
    out(`when done         scripts/lab backup drop ${name}`);
  });

// For `rebuild`, before it stops the cluster.
program
  .command('plan', { hidden: true })
  .requiredOption('--to <target>')
  .hook('preAction', () => repository.require())
  .action(async ({ to }: { to: string }) => {
    const wanted = parseTarget(to);
    const { backup } = await repository.planFor(wanted);
    out(`${describeTarget(wanted)}, from backup ${backup.name}`);
  });

command('diff', 'what is missing in the lab of a table of a restored server')
  .argument('<name>')
  .argument('<table>')
  .action(async (name: string, table: string, { json }: Flags) => {
    const diff = await new RestoredServer(lab, name).diff(table);
    if (json === true) return out(JSON.stringify(diff));
    out(`${diff.missing} rows of ${table} are gone, ${diff.changed} have another content now, ${diff.added} are new.`);
  });

command('copy', 'brings rows back that the lab does not have any more; rows that are there stay as they are')
  .argument('<name>')
  .argument('<table>')
  .option('--where <condition>', 'SQL that the rows of the past must meet')
  .action(async (name: string, table: string, { json, where }: Flags & { where?: string }) => {
    const rows = await new RestoredServer(lab, name).copy(table, where);
    if (json === true) out(JSON.stringify({ rows }));
    else out(`✓ ${rows} rows of ${table} are back.`);
  });

command('drop', 'removes a restored server with its data')
  .argument('<name>')
  .action(async (name: string, { json }: Flags) => {
    await new RestoredServer(lab, name).drop();
    if (json === true) out(JSON.stringify({ dropped: name }));
    else out(`✓ ${name} is gone.`);
  });

// scripts/lib/backup.sh does these, for they make containers anew. Here they are listed.
program.command('clone').description('a second cluster from the backup, beside this one').argument('<name>');
program
  .command('rebuild')
  .description('the whole cluster from the backup; says what it destroys, and asks')
  .option('--to <target>', 'as for restore');

const kindOf = ({ parent }: BaseBackup) => (parent === undefined ? 'full' : 'incremental');
const moment = (at: Date) => at.toISOString().replace(/\.\d+Z/, 'Z');
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const age = (at: Date) => {
  const minutes = Math.round((Date.now() - at.getTime()) / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
};
const bytes = (count: number | null) =>
  count === null
    ? 'unknown'
    : count < 1_000_000
      ? `${Math.round(count / 1_000)} kB`
      : `${Math.round(count / 1_000_000)} MB`;

try {
  await program.parseAsync();
} catch (error) {
  if (isUsage(error)) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    progress.end(
      `backup: ${error instanceof BackupError ? error.message : error instanceof Error ? error.message : String(error)}`,
    );
    process.exitCode = 1;
  }
}
