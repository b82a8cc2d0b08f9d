import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultJournal } from './fault.journal.js';

/** What cannot be undone while a part is still dead can be undone by a later attempt, when that part has been started. */
const undoAttempts = 3;
/** The pause after an attempt, by its number from 1. */
const pauseMs = (attempt: number): number => 1_000 * attempt;

/** How long it takes at worst to undo one entry of a journal, in ms. @param attemptMs how long one attempt takes at worst */
export function undoBoundMs(attemptMs: number): number {
  let boundMs = undoAttempts * attemptMs;
  for (let attempt = 1; attempt < undoAttempts; attempt += 1) boundMs += pauseMs(attempt);
  return boundMs;
}

/** Some of what is broken could not be healed. It stays in the journal, and the next run tries again. */
export class NotHealedError extends AggregateError {
  override readonly name = 'NotHealedError';

  /** @param command begins by trying again */
  constructor(failures: readonly { readonly what: string; readonly cause: unknown }[], command: string) {
    const reasons = failures.map(
      ({ what, cause }) => `${what} (${cause instanceof Error ? cause.message : String(cause)})`,
    );
    super(
      failures.map(({ cause }) => cause),
      `could not be healed: ${reasons.join('; ')}. The next ${command} begins by trying again`,
    );
  }
}

/** How the entries of a journal are undone. */
export interface Healing<Entry> {
  readonly undo: (entry: Entry) => Promise<void>;
  /** Names an entry in an error. */
  readonly nameOf: (entry: Entry) => string;
  /** Which entries are undone. @default all */
  readonly isMeant?: (entry: Entry) => boolean;
  /** The command that tries again what could not be undone. */
  readonly command: string;
}

/**
 * Undoes what a journal says is broken, newest first.
 *
 * @returns whether anything was broken
 * @throws NotHealedError
 */
export async function healJournal<Entry>(
  journal: FaultJournal<Entry>,
  { undo, nameOf, isMeant = () => true, command }: Healing<Entry>,
): Promise<boolean> {
  const failures: { what: string; cause: unknown }[] = [];
  const broken = journal.broken.filter(isMeant);
  for (const entry of broken) {
    try {
      await tryTo(() => undo(entry));
      await journal.remove(entry);
    } catch (cause) {
      failures.push({ what: nameOf(entry), cause });
    }
  }
  if (failures.length > 0) throw new NotHealedError(failures, command);
  return broken.length > 0;
}

async function tryTo(undo: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await undo();
      return;
    } catch (error) {
      if (attempt === undoAttempts) throw error;
      await sleep(pauseMs(attempt));
    }
  }
}
