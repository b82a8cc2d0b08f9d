import type { Demonstration, RunView, Snapshot } from '../protocol.js';
import type { Peaks } from './peaks.js';

/** A row is written and read at once, again and again (`POST /products/read-your-writes-demo`). */
export interface OwnWriteCounts {
  readonly tries: number;
  /** Tries in which a read did not find the row: without a token, with it, and of the leader. */
  readonly missed: { readonly eventual: number; readonly session: number; readonly strong: number };
}

/** One `POST /products` is sent again and again, each time with the same `Idempotency-Key`. */
export interface SameKeyCounts {
  readonly sent: number;
  /** Different ids in the answers. An answer that is no success counts as one of its own. */
  readonly rows: number;
  /** Answers that say `Idempotent-Replayed: true`. */
  readonly replayed: number;
}

/** One album is replaced again and again, while others read it without a token, from the cache where it has it. */
export interface AlbumRaceCounts {
  /** Replacements that were acknowledged. */
  readonly writes: number;
  /** Reads without a token that were answered. */
  readonly reads: number;
  /** Of these: answered from the cache. `Cache-Status` says `hit` or `collapsed`. */
  readonly hits: number;
  /** Of these: read from a replica and not kept. `Cache-Status` says `detail=pending`, `floor`, `older` or `epoch`. */
  readonly refused: number;
  /** Hits older than a replacement that was acknowledged before the read was sent. */
  readonly oldHits: number;
  /** The same of reads that went on to the database. */
  readonly oldReads: number;
  /** Reads of the writer, with its token, that did not show its last replacement. */
  readonly ownMissed: number;
}

/** What the demonstrations have counted since the lesson began, each the last time. Null: not done yet. */
export interface Demonstrated {
  readonly ownWrite: OwnWriteCounts | null;
  readonly sameKey: SameKeyCounts | null;
  readonly albumRace: AlbumRaceCounts | null;
}

/** When a lesson begins. */
export const nothingDemonstrated: Demonstrated = { ownWrite: null, sameKey: null, albumRace: null };

/** What a check looks at; made by {@link factsOf}. */
export interface Facts {
  readonly snapshot: Snapshot;
  /** The newest run that began after the lesson did; null before one has ended. */
  readonly lastRun: RunView | null;
  /** Since the lesson began. */
  readonly peaks: Peaks;
  readonly demonstrated: Demonstrated;
}

/** The facts of a lesson that began with the first snapshot of `peaks`. A run from before proves nothing in it. */
export function factsOf(snapshot: Snapshot, peaks: Peaks, demonstrated: Demonstrated): Facts {
  const { lastRun } = snapshot;
  const isOfLesson = lastRun !== null && peaks.fromMs !== null && Date.parse(lastRun.startedAt) >= peaks.fromMs;
  return { snapshot, lastRun: isOfLesson ? lastRun : null, peaks, demonstrated };
}

/** What the page does when the reader asks for it. */
export type Action =
  | { readonly kind: 'load'; readonly ratePerSecond: number }
  /** `fault` is its name in the catalogue. */
  | { readonly kind: 'break'; readonly fault: string }
  | { readonly kind: 'heal' }
  | { readonly kind: 'demonstrate'; readonly what: Demonstration };

/** Something that the lab's own measurements must show. */
export interface Check {
  /** A sentence that is true when the check holds. */
  readonly says: string;
  /** Whether it is; undefined while that is not known yet. Once it has held it counts as held, whatever comes later. */
  holds(facts: Facts): boolean | undefined;
}

/** A step is done when its check holds; without one, when its action has been taken; without either, when it has been read. */
export interface Step {
  readonly text: string;
  readonly does?: Action;
  /** Before it breaks anything, the page asks for a prediction. */
  readonly prediction?: true;
  readonly check?: Check;
}

/** A guided lesson. */
export interface Lesson {
  /** Names it in URLs. */
  readonly id: string;
  readonly title: string;
  /** How long it takes, reading included. */
  readonly minutes: number;
  /** What it teaches, in one sentence. */
  readonly about: string;
  readonly steps: readonly Step[];
}
