/** Grafana's name of a unit. */
export type Unit = 'bytes' | 'Bps' | 'ops' | 'percentunit' | 'reqps' | 's' | 'short';

/** A question to Prometheus. */
export interface Query {
  /** PromQL. Windows are written out: `$__rate_interval` is Grafana's alone, and a test asks Prometheus itself. */
  readonly expr: string;
  /** Names a series, with its labels as `{{label}}`. */
  readonly legend: string;
  /** Why a healthy lab as it is made may have no answer. Without it, a test requires one. */
  readonly absentBecause?: string;
}

/** How a panel looks: a line over time, its newest value alone, or a bar of states over time. */
export type Kind = 'graph' | 'number' | 'states';

/** One picture of a dashboard. */
export interface Panel {
  readonly title: string;
  /** What it says, and what is wrong when it looks otherwise. */
  readonly says: string;
  readonly kind: Kind;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

/** A page of panels. */
export interface Dashboard {
  /** Its file, and the end of its address in Grafana. */
  readonly name: string;
  readonly title: string;
  readonly says: string;
  readonly panels: readonly Panel[];
}
