/** A copy of the value with every number in it rounded to a tenth. */
export function toTenths<T>(value: T): T;
export function toTenths(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 10) / 10;
  if (Array.isArray(value)) return value.map((item: unknown) => toTenths(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, toTenths(item)]));
}
