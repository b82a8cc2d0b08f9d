import { z } from 'zod';
import type { MemberState } from '../history/final.state.js';

const pageSize = 100;
const askTimeoutMs = 10_000;

const pageSchema = z.object({
  items: z.array(z.object({ id: z.number(), name: z.string(), price: z.coerce.number() })),
  nextAfter: z.number().nullish(),
});

/** Rows of a run as the service shows them, with their ids. */
export interface HttpRows extends Pick<MemberState, 'unique' | 'shared'> {
  readonly ids: readonly number[];
}

/**
 * Reads the rows that a run has made through the service: by the service itself, for nothing else of it is known. The leader
 * answers (`Read-Consistency: strong`).
 *
 * @param registers ids of the registers by name, which were made first; where there are none, nothing was made
 * @throws Error where the service does not answer, or not well
 */
export async function readHttpRows(
  url: string,
  prefix: string,
  registers: ReadonlyMap<string, number>,
): Promise<HttpRows> {
  if (registers.size === 0) return { unique: new Map(), shared: new Map(), ids: [] };
  const unique = new Map<string, number>();
  const shared = new Map<string, number>();
  const ids: number[] = [];
  let after: number | null | undefined = Math.min(...registers.values()) - 1;
  while (after !== null && after !== undefined) {
    const response = await fetch(`${url}/products?limit=${pageSize}&after=${after}`, {
      headers: { 'Read-Consistency': 'strong' },
      signal: AbortSignal.timeout(askTimeoutMs),
    });
    if (!response.ok) throw new Error(`GET /products: ${response.status}`);
    const page = pageSchema.parse(await response.json());
    for (const { id, name, price } of page.items.filter((item) => item.name.startsWith(prefix))) {
      ids.push(id);
      if (registers.has(name)) shared.set(name, price);
      else unique.set(name, (unique.get(name) ?? 0) + 1);
    }
    after = page.nextAfter;
  }
  return { unique, shared, ids };
}

/** Deletes rows of the service. @throws Error at the first that is neither deleted nor gone already */
export async function deleteHttpRows(url: string, ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    const response = await fetch(`${url}/products/${id}`, {
      method: 'DELETE',
      signal: AbortSignal.timeout(askTimeoutMs),
    });
    if (!response.ok && response.status !== 404) throw new Error(`DELETE /products/${id}: ${response.status}`);
  }
}
