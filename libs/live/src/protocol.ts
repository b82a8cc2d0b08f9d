/**
 * What the console's server (apps/lab) and its page (apps/console) say to each other. Types, the words that they are made of, and no import of either side:
 * the page runs in a browser.
 *
 * The server sends `Snapshot` and `LogEntry` as server-sent events on `GET /api/live` (events `snapshot`, ten a second, and `log`;
 * a new connection gets the newest log entries first). The page asks for changes with POST, JSON and the token of its URL.
 */

/** The most operations per second that the page may ask for. */
export const mostRatePerSecond = 1_000;

/** What the load does not ask of the service, and a lesson needs: the server does it, and answers with the counts of lessons/lesson.ts. */
export const demonstrations = ['own-write', 'same-key', 'album-race'] as const;
/** See {@link demonstrations}. */
export type Demonstration = (typeof demonstrations)[number];
/** How long a demonstration may take, in ms: it sends hundreds of requests, one after the other. Then the server gives it up. */
export const demonstrationBoundMs = 110_000;

/** A kind of operation of the load, as a client would name it. `sql`: plain SQL through HAProxy, without the service. */
export const lanes = ['httpWrites', 'sessionReads', 'eventualReads', 'sql'] as const;
/** See {@link lanes}. */
export type Lane = (typeof lanes)[number];

/** One lane in the last second. Latencies are those of operations that succeeded; null where none did. */
export interface LaneView {
  readonly perSecond: number;
  readonly failedPerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/**
 * The longest time between two successes that reaches beyond the fault, as the run's result will name it. It runs while the
 * next success is awaited.
 */
export interface StopwatchView {
  /** The longest gap so far, with the one that is open now. Null before the fault. */
  readonly ms: number | null;
  /** Whether the gap that is open now is the longest: the clock is seen to run. */
  readonly running: boolean;
}

/** What the clients of the load see. */
export interface ClientView {
  readonly ratePerSecond: number;
  readonly lanes: Readonly<Record<Lane, LaneView>>;
  /** Operations since the load began, by error class; none of those that succeeded. */
  readonly errorsByClass: Readonly<Record<string, number>>;
  readonly acked: number;
  readonly failed: number;
  readonly unknown: number;
  /** Operations that have no answer yet: sent, or still waiting for a free client. In an outage they add up. */
  readonly waiting: number;
  /** Writes that the service answered from its store of idempotency keys. */
  readonly replayed: number;
  /** Share of the reads in the last second that a replica answered, 0 to 1. Null without reads. */
  readonly replicaReadShare: number | null;
  /** Operations answered in the last second, by the member that answered. */
  readonly servedPerSecond: Readonly<Record<string, number>>;
  readonly gaps: {
    readonly sql: { readonly write: StopwatchView; readonly read: StopwatchView };
    readonly http: { readonly write: StopwatchView; readonly read: StopwatchView };
  };
}

/** What HAProxy's own checks say of a server in one backend. `maintenance`: its name is not known. */
export type ServerHealth = 'up' | 'down' | 'maintenance' | 'unknown';

/** One member as Patroni, PostgreSQL and HAProxy describe it. */
export interface MemberView {
  readonly name: string;
  /** False once two samples in a row got no answer. */
  readonly reachable: boolean;
  readonly role: 'leader' | 'quorum standby' | 'sync standby' | 'replica' | 'unknown';
  /** Patroni's word: `running`, `streaming`, `stopped`, `starting`… */
  readonly state: string;
  readonly timeline: number | null;
  /** Of the leader its write position, of a replica what it has replayed, as PostgreSQL writes an LSN. */
  readonly lsn: string | null;
  /** How many bytes a replica's replay is behind the leader's position. */
  readonly lagBytes: number | null;
  /** For how long the oldest write that this replica does not show has been committed on the leader. 0 when it shows all. */
  readonly staleMs: number | null;
  readonly haproxy: { readonly leader: ServerHealth; readonly replicas: ServerHealth };
}

/** The lock of the leader in etcd: who holds it, and for how long it is still valid if nobody renews it. */
export interface LeaseView {
  readonly holder: string;
  readonly ttlMs: number;
  readonly remainingMs: number;
}

export interface EtcdView {
  readonly name: string;
  readonly healthy: boolean;
  readonly leads: boolean;
}

/** One instance of the service. */
export interface InstanceView {
  readonly name: string;
  readonly status: 'ready' | 'not ready' | 'unreachable';
}

/** What the service says of itself, both instances together; null where neither answers. */
export interface ServiceView {
  readonly writesInFlight: number;
  /** Writes that wait inside the service for a leader. */
  readonly writesHeld: number;
  readonly replays: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Rows that the cache refused to keep, for a write may have made them old. */
  readonly refusedFills: number;
}

/** Who will lead, how long no write succeeds, and whether anything acknowledged will be lost: said before the click. */
export interface Prediction {
  /** A member, or `nobody`. */
  readonly leader: string;
  readonly writeGapMs: number;
  readonly loss: boolean;
}

/** Where a run is, in order. */
export const phases = ['preparing', 'baseline', 'broken', 'healing', 'settling', 'catching up', 'checking'] as const;
/** See {@link phases}. */
export type Phase = (typeof phases)[number];

/** A step of a failover, in milliseconds after the fault. */
export interface PhaseMark {
  readonly name:
    | 'fault'
    | 'lock released'
    | 'new lock'
    | 'promoted'
    | 'HAProxy down'
    | 'HAProxy up'
    /** The acknowledged write that ended the longest write gap. */
    | 'first success'
    | 'healed'
    | 'rejoined';
  readonly member?: string | undefined;
  readonly afterMs: number;
}

/** What the console does with the lab now. */
export type Activity =
  | { readonly kind: 'idle' }
  /** Another program breaks this lab, or has broken it and has not healed it; `why` says which and what to do. */
  | { readonly kind: 'elsewhere'; readonly why: string }
  | { readonly kind: 'load'; readonly ratePerSecond: number }
  | {
      readonly kind: 'run';
      readonly fault: string;
      readonly phase: Phase;
      /** One line of what is done just now. */
      readonly doing: string;
      /** Null before the fault. */
      readonly sinceFaultMs: number | null;
      readonly marks: readonly PhaseMark[];
      readonly prediction: Prediction | null;
      /** Whether somebody has asked to heal before the fault's own time was over. */
      readonly healedEarly: boolean;
    };

/** What a run has shown, for the page: a part of its result file. */
export interface RunView {
  /** Names it in URLs: `/runs/ID/report.html`. */
  readonly id: string;
  readonly scenario: string;
  readonly startedAt: string;
  /** Why this machine could not do it. Then the figures below are absent. */
  readonly skipped?: string;
  readonly prediction: Prediction | null;
  readonly figures?: {
    readonly pass: boolean;
    /** Each bound that was missed, in words. */
    readonly reasons: readonly string[];
    /** Who led at the end; null where nobody could be asked. */
    readonly leader: string | null;
    readonly leaderBefore: string | null;
    readonly timelineBefore: number | null;
    readonly timelineAfter: number | null;
    readonly gaps: {
      readonly sql: { readonly writeMs: number | null; readonly readMs: number | null };
      readonly http: { readonly writeMs: number | null; readonly readMs: number | null };
    };
    /** The figure of the verdict: that of plain SQL clients. */
    readonly writeGapMs: number | null;
    readonly readGapMs: number | null;
    readonly longestRequestMs: number | null;
    readonly acked: number;
    readonly lost: number;
    readonly ghosts: number;
    readonly duplicates: number;
    readonly staleReads: number;
    readonly readYourWritesViolations: number;
    readonly monotonicViolations: number;
    readonly httpRequests: number;
    readonly httpFailed: number;
    readonly rejoinMs: number | null;
    readonly marks: readonly PhaseMark[];
  };
}

/** Everything that the page draws, at one moment. */
export interface Snapshot {
  /** Wall clock of the server, milliseconds since 1970. */
  readonly atMs: number;
  readonly scope: string;
  readonly members: readonly MemberView[];
  readonly etcds: readonly EtcdView[];
  readonly instances: readonly InstanceView[];
  readonly lease: LeaseView | null;
  readonly service: ServiceView | null;
  /** Null while the console runs no load. */
  readonly client: ClientView | null;
  readonly activity: Activity;
  /** The newest run of this console; null before the first. */
  readonly lastRun: RunView | null;
  /** Whether Patroni is in maintenance mode. */
  readonly paused: boolean;
}

/** A change, never a state: one line of the log. */
export interface LogEntry {
  /** Counted from 1. */
  readonly id: number;
  readonly atMs: number;
  readonly source: 'patroni' | 'etcd' | 'haproxy' | 'api' | 'chaos' | 'console';
  readonly member?: string | undefined;
  readonly text: string;
}

/** A fault that can be chosen: `GET /api/faults`. */
export interface FaultView {
  readonly name: string;
  readonly title: string;
  /** A sentence each, of the server. */
  readonly mustDo: string;
  readonly cannotShow: string;
  /** Whether another member must lead afterwards; null where both may be. */
  readonly failover: boolean | null;
  readonly quick: boolean;
  /** Why this lab can't be broken this way now, and what to do; null where it can. */
  readonly whyNot: string | null;
}

/** A timeline of Patroni's history: `GET /api/timelines`. */
export interface TimelineView {
  readonly timeline: number;
  readonly lsn: string;
  readonly reason: string;
  readonly at: string | null;
  readonly leader: string | null;
}

/** The bodies of the POST requests. Each answers 202 with `{}` (`/api/demonstrate` 200 with its counts), or an error as {@link Refusal}. */
export interface Requests {
  /** Starts, changes or (with 0) ends the load. */
  '/api/load': { readonly ratePerSecond: number };
  '/api/break': { readonly fault: string; readonly prediction: Prediction | null };
  /** Heals now; a run goes on to its verdict. */
  '/api/heal': Record<string, never>;
  '/api/demonstrate': { readonly what: Demonstration };
}

/** The body of an answer that is no success, after RFC 9457. */
export interface Refusal {
  readonly code:
    'HOST_REFUSED' | 'ORIGIN_REFUSED' | 'TOKEN_REFUSED' | 'BODY_REFUSED' | 'LAB_IN_USE' | 'CANNOT_RUN' | 'NOT_FOUND';
  /** Says what to do. */
  readonly detail: string;
}
