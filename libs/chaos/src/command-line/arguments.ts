import { InvalidArgumentError } from 'commander';

/** Reads a whole number within bounds. */
export function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`a whole number from ${min} to ${max}`);
    return value;
  };
}

/** Reads a duration such as `90s`, `10m` or `1h`. @returns milliseconds */
export function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)([smh])$/.exec(text) ?? [];
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 }[unit];
  if (unitMs === undefined) throw new InvalidArgumentError('like 90s, 10m or 1h');
  return Number(number) * unitMs;
}

/** Prints an answer. Progress goes to standard error. */
export function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Whether the error is about the command line; Commander has printed it already. */
export const isUsage = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
