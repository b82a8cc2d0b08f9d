import { safety } from '../checkers/verdict.js';
import { leastClients } from '../load/client.counts.js';
import { sharesOf } from './capabilities.js';
import { shownCommand } from './command.words.js';
import { schemaName } from './judge.schema.js';
import type { Target } from './target.schema.js';

/** What a run would do, for `--dry-run` and for the question before the first break. */
export interface Plan {
  readonly target: Target;
  /** Names of faults of the target. */
  readonly faults: readonly string[];
  readonly runs: number;
  readonly ratePerSecond: number;
  readonly clients: number;
  readonly maxDurationMs: number;
}

/** Why the plan has too few clients for what its target names; undefined where it has enough. */
export function tooFewClients({
  target,
  clients,
}: Pick<Plan, 'clients'> & { readonly target: Pick<Target, 'name' | 'sql' | 'http'> }): string | undefined {
  const least = leastClients(sharesOf(target));
  return clients >= least
    ? undefined
    : `--clients ${clients} is too few: with ${target.name} there are ${least / 2} kinds of clients, and each has at least 2; give ${least} or more`;
}

const seconds = (ms: number): string => `${ms / 1_000} s`;

/** The plan, as text. */
export function planText({ target, faults, runs, ratePerSecond, clients, maxDurationMs }: Plan): string {
  const { name, sql, http, patroni, members } = target;
  const lines = [
    `Target ${name}: writes by ${sql.write.user} to ${sql.write.database} on ${sql.write.host}:${sql.write.port}`,
    ...(sql.read === undefined ? [] : [`  reads from ${sql.read.host}:${sql.read.port}`]),
    ...(http === undefined ? [] : [`  HTTP to ${http}: makes rows there, and deletes them again`]),
    `  members seen by ${patroni === undefined ? (members === undefined ? 'nothing' : 'SQL') : 'Patroni'}`,
    `  makes the schema ${schemaName}, unless an owner has prepared it, and drops it again`,
    `  ${ratePerSecond} operations/s by ${clients} clients, for at most ${seconds(maxDurationMs)} in all`,
  ];
  for (const fault of faults) {
    const { description, inject, heal, hold, failover, timeout, expects } = target.faults[fault]!;
    const waits = failover === true ? 'until another member leads, then ' : '';
    lines.push(
      '',
      `${fault}, ${runs === 1 ? 'once' : `${runs} times`}: ${description}`,
      ...inject.map((command) => `  inject  ${indented(shownCommand(command))}`),
      `  hold    ${waits}${seconds(hold)}`,
      ...(heal.length === 0 ? ['  heal    nothing: it must mend by itself'] : []),
      ...heal.map((command) => `  heal    ${indented(shownCommand(command))}`),
      `  each command within ${seconds(timeout)}; heals also after Ctrl-C, and at the next start after a crash`,
      `  expects ${boundsText({ ...safety, ...expects })}`,
    );
  }
  return lines.join('\n');
}

const indented = (text: string): string => text.replaceAll('\n', '\n          ');

const boundsText = (bounds: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>): string =>
  Object.entries(bounds)
    .map(([figure, { min, max }]) =>
      [figure, min === undefined ? '' : ` ≥ ${min}`, max === undefined ? '' : ` ≤ ${max}`].join(''),
    )
    .join(', ');
