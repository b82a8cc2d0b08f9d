// What an observation of the lab holds. Scripts and TypeScript fill it by different means, and decide alike.
import type { Mode } from './mode.mjs';

/** A member as Patroni's `GET /cluster` lists it. */
export interface Member {
  readonly name: string;
  /**
   * `leader` on one at most. On a standby `quorum_standby` or `sync_standby`, where it may be promoted without losing a commit;
   * `replica` otherwise.
   */
  readonly role: string;
  /** `running` on a leader, `streaming` on a standby that is well. */
  readonly state: string;
  readonly timeline?: number | undefined;
  readonly host?: string | undefined;
  /** In bytes; a word where Patroni does not know. */
  readonly lag?: number | string | undefined;
}

/** A member of etcd. */
export interface EtcdMember {
  readonly name: string;
  /** It has just read through etcd's leader. */
  readonly healthy: boolean;
  /** Its data is not that of the others: without help it can never join them. */
  readonly lost?: boolean;
}

/** An instance of the API, asked by itself. */
export interface Instance {
  readonly name: string;
  readonly answers: boolean;
  /** What keeps it from reading or writing. */
  readonly problems: readonly string[];
}

/** `degraded`: an instance is not ready, and the other one serves. */
export type Api = 'ready' | 'degraded' | 'not ready' | 'down';

/** What Patroni, HAProxy and the API say of themselves: no process is started to learn it. */
export interface Observation {
  /** The members that there should be. */
  readonly expected: readonly string[];
  /** Null where no Patroni answers. */
  readonly scope: string | null;
  readonly members: readonly Member[];
  readonly leader: Member | undefined;
  readonly mode: Mode | undefined;
  /** As each expected member says; undefined where it does not answer. */
  readonly modes: readonly (Mode | undefined)[];
  /** Patroni's maintenance mode: it watches and does nothing. */
  readonly pause: boolean;
  readonly api: Api;
  /** What HAProxy thinks of each member that might serve reads (`UP`, `DOWN`, `MAINT`); empty where it does not answer. */
  readonly proxied: ReadonlyMap<string, string>;
}

/** {@link Observation}, and what is learnt by asking Docker and running programs in containers. */
export interface FullObservation extends Observation {
  /** Those that should run. */
  readonly services: readonly string[];
  /** By service; null where no engine answers. */
  readonly containers: ReadonlyMap<string, { readonly name: string; readonly state: string }> | null;
  readonly etcd: { readonly quorum: boolean; readonly members: readonly EtcdMember[] };
  /**
   * Of replicas that do not stream, the WAL that each needs next, and the oldest that the leader has: file names without the
   * timeline, which says nothing of the position.
   */
  readonly wal: ReadonlyMap<string, { readonly needs: string; readonly oldest: string }>;
  readonly instances: readonly Instance[];
}
