import { BackupError } from './backup.error.js';
import type { WalPosition } from './wal.position.js';

/**
 * Where recovery stops: just before a moment, a transaction or a position of the log, at a restore point, or at the end of all WAL
 * there is.
 */
export type RecoveryTarget =
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly text: string; readonly at: Date }
  | { readonly kind: 'xid'; readonly text: string }
  | { readonly kind: 'lsn'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string };

/**
 * A target that a server is restored to. PostgreSQL itself fails when the log ends before what was named; where nothing was, it takes
 * whatever ends the log for its end, so `latest` has to say how far the log must go.
 */
export type PlannedTarget =
  Exclude<RecoveryTarget, { kind: 'latest' }> | { readonly kind: 'latest'; readonly atLeast: WalPosition };

const time = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s*(Z|UTC|[+-]\d{2}(:?\d{2})?)?$/i;

/**
 * Reads a target as people write it: `latest`, a number (a transaction), `0/3000148` (a position), a time with its zone, or the name
 * of a restore point.
 *
 * @throws BackupError for a time without a zone, which means another moment on each machine, and for what is none of these
 */
export function parseTarget(text: string): RecoveryTarget {
  if (text === 'latest') return { kind: 'latest' };
  if (/^[1-9]\d*$/.test(text)) return { kind: 'xid', text };
  if (/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(text)) return { kind: 'lsn', text };
  const [, , , zone] = time.exec(text) ?? [];
  if (time.test(text)) {
    if (zone === undefined)
      throw new BackupError(
        `${text} has no zone, and means another moment elsewhere. Add one: ${text}Z, or ${text}+01:00`,
      );
    const at = new Date(standardised(text));
    if (Number.isNaN(at.getTime())) throw new BackupError(`there is no such time: ${text}`);
    return { kind: 'time', text: withPlainZone(text), at };
  }
  if (/^[A-Za-z_][\w.-]{0,62}$/.test(text)) return { kind: 'name', text };
  throw new BackupError(
    `'${text}' is no target. Give a time with its zone (2026-11-27T18:00:00Z), a transaction (775), a position (0/3000148), a restore point, or latest`,
  );
}

/** The line of postgresql.conf for a target; empty for `latest`. PostgreSQL documentation, section 20.5.6. */
export function settingOf(target: RecoveryTarget): string {
  return target.kind === 'latest' ? '' : `recovery_target_${target.kind} = '${target.text}'`;
}

/** A target in words, a time in UTC and in the zone of this machine. */
export function describeTarget(target: RecoveryTarget): string {
  switch (target.kind) {
    case 'latest':
      return 'the newest commit';
    case 'time':
      return `just before ${target.at.toISOString()} (${target.at.toLocaleString('sv')} here)`;
    case 'xid':
      return `just before transaction ${target.text}`;
    case 'lsn':
      return `just before position ${target.text}`;
    case 'name':
      return `the restore point ${target.text}`;
  }
}

const withPlainZone = (text: string): string => text.replace(/\s*(Z|UTC)$/i, '+00').replace('T', ' ');

/** As ECMAScript reads it for certain: T between, a zone with minutes. */
function standardised(text: string): string {
  const [, day = '', clock = '', zone = ''] = /^(\S{10})[T ]([\d:.]+)\s*(.*)$/i.exec(text) ?? [];
  const offset = /^(Z|UTC)$/i.test(zone)
    ? 'Z'
    : zone.replace(/^([+-]\d{2}):?(\d{2})?$/, (_, h: string, m?: string) => `${h}:${m ?? '00'}`);
  return `${day}T${clock}${offset}`;
}
