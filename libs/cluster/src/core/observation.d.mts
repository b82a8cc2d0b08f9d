// The fields of an observation of the lab. Scripts and TypeScript observe by different means, and decide by the same functions.
import type { Mode } from './mode.mjs';

/** A member as Patroni's `GET /cluster` lists it. */
export interface Member {
  readonly name: string;
  /**
   * `leader` on at most one member. A standby that may be promoted without losing a commit is `quorum_standby` or `sync_standby`,
   * any other `replica`.
   */
  readonly role: string;
  /** `running` on a leader, `streaming` on a healthy standby. */
  readonly state: string;
  readonly timeline?: number | undefined;
  readonly host?: string | undefined;
  /** In bytes; a word where Patroni does not know it. */
  readonly lag?: number | string | undefined;
}

/** A member of etcd. */
export interface EtcdMember {
  readonly name: string;
  /** Whether it has just read through etcd's leader. */
  readonly healthy: boolean;
  /** Whether it has lost its data, so that it can never join the others without help. */
  readonly lost?: boolean;
}

/** An instance of the API, asked on its own port. */
export interface Instance {
  readonly name: string;
  readonly answers: boolean;
  /** What keeps it from reading or writing. */
  readonly problems: readonly string[];
}

/** The state of the API. `degraded`: one instance is not ready, and the other one serves. */
export type Api = 'ready' | 'degraded' | 'not ready' | 'down';

/** What Patroni, HAProxy and the API say about themselves. Observing it starts no process. */
export interface Observation {
  /** Names of the members that should be there. */
  readonly expected: readonly string[];
  /** Null where no Patroni answers. */
  readonly scope: string | null;
  readonly members: readonly Member[];
  readonly leader: Member | undefined;
  readonly mode: Mode | undefined;
  /** The mode by each expected member; undefined where it does not answer. */
  readonly modes: readonly (Mode | undefined)[];
  /** Whether Patroni is in maintenance mode, in which it does nothing. */
  readonly pause: boolean;
  readonly api: Api;
  /** HAProxy's state of each member for reads (`UP`, `DOWN`, `MAINT`); empty where HAProxy does not answer. */
  readonly proxied: ReadonlyMap<string, string>;
}

/** An {@link Observation} with what Docker and programs in containers tell. */
export interface FullObservation extends Observation {
  /** The services that should run. */
  readonly services: readonly string[];
  /** The containers by service; null where no Docker engine answers. */
  readonly containers: ReadonlyMap<string, { readonly name: string; readonly state: string }> | null;
  readonly etcd: { readonly quorum: boolean; readonly members: readonly EtcdMember[] };
  /**
   * For each replica that does not stream: the WAL file that it needs next, and the oldest that the leader has. Both are names
   * without the timeline, so that they compare by position.
   */
  readonly wal: ReadonlyMap<string, { readonly needs: string; readonly oldest: string }>;
  readonly instances: readonly Instance[];
}
