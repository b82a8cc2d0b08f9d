import type { Lab } from '../../cluster/src/lab.js';
import { BackupError } from './backup.error.js';
import { usable } from './base.backups.js';
import type { Repository } from './repository.js';
import { type Recovered, RestoredServer } from './restored.server.js';

const name = 'verify';
const tablesSql = `SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`;

/** A restore that was done to know that it can be done. */
export interface Rehearsal extends Recovered {
  readonly tables: number;
}

/**
 * Verifies a backup the only way that counts: compares its files with their checksums, restores it with all WAL up to the newest commit,
 * and reads every row (pg_dump).
 *
 * @param backupName @default the newest
 * @throws BackupError with the reason why it could not be restored, also when WAL in between is missing
 */
export async function rehearse(
  lab: Lab,
  repository: Repository,
  backupName: string | undefined,
  say: (line: string) => void,
): Promise<Rehearsal> {
  const atLeast = await repository.newest();
  const backups = usable(await repository.list());
  const backup = backupName === undefined ? backups.at(-1) : backups.find((candidate) => candidate.name === backupName);
  if (backup === undefined)
    throw new BackupError(
      `there is no ${backupName === undefined ? 'base backup' : `backup ${backupName}`} that can be restored. See: scripts/lab backup list`,
    );
  say(`checksums of ${backup.name}`);
  await repository.verifyFiles(backup, backups);
  const server = new RestoredServer(lab, name);
  // Of a rehearsal that was interrupted.
  await server.remove();
  try {
    const recovered = await server.restore(backup, { kind: 'latest', atLeast }, say);
    say('reading every row');
    await server.readAll();
    const [tables = '0'] = await server.psql(tablesSql);
    await repository.noteVerified();
    return { ...recovered, tables: Number(tables) };
  } finally {
    await server.remove();
  }
}
