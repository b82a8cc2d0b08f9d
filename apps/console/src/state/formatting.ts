/** What stands where there is no figure. */
export const none = '–';

/** A length of time: `85 ms`, `4.2 s`, `2 min 05 s`. */
export function duration(ms: number | null): string {
  if (ms === null) return none;
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return seconds(ms);
  const whole = Math.round(ms / 1_000);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Seconds with one decimal, whatever their number: a clock that runs must not change its unit. */
export const seconds = (ms: number | null): string => (ms === null ? none : `${(ms / 1_000).toFixed(1)} s`);

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** In steps of 1024, with PostgreSQL's names: `0 B`, `16 kB`, `3.4 MB`. */
export function bytes(count: number | null): string {
  if (count === null) return none;
  let [value, unit] = [count, 0];
  // 1023.5 would be shown as 1024 of the smaller unit.
  while (Math.abs(value) >= 1_023.5 && unit < units.length - 1) [value, unit] = [value / 1_024, unit + 1];
  return `${value.toFixed(unit === 0 || Math.abs(value) >= 9.95 ? 0 : 1)} ${units[unit]}`;
}

/** `0`, `0.4`, `42`. */
export const rate = (perSecond: number): string => perSecond.toFixed(perSecond > 0 && perSecond < 9.95 ? 1 : 0);

/** A share of 0 to 1 in percent. */
export const share = (part: number | null): string => (part === null ? none : `${Math.round(part * 100)} %`);

/** Local time of day with milliseconds: `14:05:09.042`. */
export function clock(atMs: number): string {
  const at = new Date(atMs);
  const two = (part: number) => String(part).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

/** Local date and time to the minute: `2026-11-28 14:05`. Text that is no date stays as it is. */
export function day(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const two = (part: number) => String(part).padStart(2, '0');
  const ymd = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${ymd} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
