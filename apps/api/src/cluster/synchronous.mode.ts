import { modeOf } from '../../../../libs/cluster/src/core/mode.mjs';
import type { PatroniConfig } from '../patroni/patroni.schema.js';
import type { Synchronous } from './cluster.schema.js';

type Settings = Pick<Synchronous, 'standbyNames' | 'commit'>;

/** Whom a commit waits for, and why: Patroni's configuration, and what PostgreSQL has been told. */
export function synchronousMode(config: PatroniConfig | undefined, settings: Settings): Synchronous {
  const mode = config === undefined ? null : modeOf(config);
  const nodeCount = config === undefined ? null : (config.synchronous_node_count ?? 1);
  return { mode, nodeCount, ...settings, because: because(mode, nodeCount, settings) };
}

/** The same where there is no Patroni: what PostgreSQL has been told is all there is. */
export function synchronousModeOf(settings: Settings): Synchronous {
  const { standbyNames, commit } = settings;
  const [, method = 'FIRST', number = '1'] = /^\s*(?:(ANY|FIRST)\s+)?(\d+)\s*\(/i.exec(standbyNames) ?? [];
  const nodeCount = standbyNames.trim() === '' ? 0 : Number(number);
  const mode = nodeCount === 0 ? 'async' : method.toUpperCase() === 'ANY' ? 'quorum' : 'sync';
  return { mode, nodeCount, ...settings, because: becauseOf() };

  function becauseOf(): string {
    if (commit === 'off' || commit === 'local') return waitsForNone(`synchronous_commit is ${commit}`);
    switch (mode) {
      case 'async':
        return `${waitsForNone('synchronous_standby_names is empty')} A failover can lose acknowledged writes.`;
      case 'quorum':
        return `A commit waits for any ${nodeCount} of the listed standbys.`;
      case 'sync':
        return `A commit waits for the first ${nodeCount} of the listed standbys that are connected.`;
    }
  }
}

const waitsForNone = (why: string) => `A commit waits for no standby: ${why}.`;

function because(mode: Synchronous['mode'], nodeCount: number | null, { standbyNames, commit }: Settings): string {
  if (commit === 'off' || commit === 'local') return waitsForNone(`synchronous_commit is ${commit}`);
  if (standbyNames === '') {
    return mode === 'async'
      ? 'A commit waits for no standby: synchronous_mode is off. A failover can lose acknowledged writes.'
      : 'A commit waits for no standby: Patroni has listed none, for none is streaming or it is changing the mode.';
  }
  switch (mode) {
    case 'quorum':
      return `A commit waits for any ${nodeCount} of the listed standbys, and only those that may have it can be promoted.`;
    case 'sync':
      return 'A commit waits for the listed standby, the only one that may be promoted. The others are asynchronous.';
    default:
      return 'A commit waits for the listed standbys.';
  }
}
