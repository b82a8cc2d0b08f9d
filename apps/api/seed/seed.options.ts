import { parseArgs } from 'node:util';

const maxRows = 10_000_000;

/** What `scripts/seed` was asked for. */
export interface SeedOptions {
  /** How many numbered products and orders there are to be; 0: only the handful. */
  readonly rows: number;
  readonly json: boolean;
  readonly help: boolean;
}

export const usage = `Usage: scripts/seed [--rows N] [--json]

  Without --rows: a handful of customers, products, orders, and albums with songs.
  --rows N   besides, N products with an order each, and a customer for every ten of them (N at most ${maxRows})
  --json     nothing but JSON on stdout
  --help     this text

Adds what is missing: the same command again adds nothing. Rows are committed in batches, each whole, so after Ctrl-C, a
failover or a power cut the same command goes on behind the last batch. Writes through HAProxy to the leader, as the
service's own login.
Exit status: 0 all rows are there, 1 they are not, 2 wrong usage, 130 Ctrl-C.`;

/** @throws Error whose message names what is wrong */
export function parseSeedOptions(args: readonly string[]): SeedOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { rows: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const { rows = '0', json = false, help = false } = values;
  if (!/^\d+$/.test(rows) || Number(rows) > maxRows) {
    throw new Error(`--rows takes a whole number from 0 to ${maxRows}, not '${rows}'`);
  }
  return { rows: Number(rows), json, help };
}
