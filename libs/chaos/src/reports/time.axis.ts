import type { RunResult } from '../results/run.result.js';

/** All whole minutes once labels are minutes, so that no label needs more digits than its neighbour. */
const stepsSeconds = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];
/** As many labels as a phone has room for. */
const mostSteps = 7;
const minutesFromSeconds = 180;

/** Where a run's axis of time ends, and how its times are written. */
export interface TimeAxis {
  /** Whole seconds, at least 1. */
  readonly endSeconds: number;
  /** Between two labels. */
  readonly stepSeconds: number;
  /** Seconds with their unit, or `m:ss` where the run is longer than three minutes. */
  written(seconds: number, decimals?: number): string;
}

/** Axis of a run, long enough for its last sample. */
export function timeAxis({ durationMs, samples }: Pick<RunResult, 'durationMs' | 'samples'>): TimeAxis {
  const endSeconds = Math.max(1, Math.ceil(durationMs / 1_000), samples.at(-1)?.second ?? 0);
  const stepSeconds = stepsSeconds.find((step) => endSeconds / step <= mostSteps) ?? stepsSeconds.at(-1)!;
  const written = (seconds: number, decimals = 0): string =>
    endSeconds > minutesFromSeconds ? minutes(seconds, decimals) : `${seconds.toFixed(decimals)} s`;
  return { endSeconds, stepSeconds, written };
}

function minutes(seconds: number, decimals: number): string {
  // Rounded before it is divided: 59.99 is 1:00, never 0:60.
  const rounded = Number(seconds.toFixed(decimals));
  const digits = decimals === 0 ? 2 : 3 + decimals;
  return `${Math.floor(rounded / 60)}:${(rounded % 60).toFixed(decimals).padStart(digits, '0')}`;
}
