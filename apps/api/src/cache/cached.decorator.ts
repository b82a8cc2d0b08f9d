import { RouteConfig } from '@nestjs/platform-fastify';

/** How answers of a handler are kept. */
export interface CachedRoute {
  /** What the route answers, in the plural (`albums`). Writers name the same to `CacheInvalidation.changing`. */
  readonly collection: string;
  readonly ttlSeconds: number;
}

/**
 * Keeps the answers of a `GET …/:id` handler, 404 included, for at most `ttlSeconds`. The handler reads through
 * `ReadFacade`, once; whoever writes such a resource gives `CacheInvalidation.changing` to `WriteFacade`.
 */
export const Cached = (cached: CachedRoute) => RouteConfig({ cached });

/** What the route declares, if anything. */
export function cachedRouteOf(config: unknown): CachedRoute | undefined {
  return (config as { cached?: CachedRoute } | undefined)?.cached;
}

/** One way to write an id, so that one resource has one key. Other ids bypass the cache; the handler judges them. */
const canonicalId = /^[1-9]\d{0,9}$/;

export function keyOf({ collection }: CachedRoute, params: unknown): string | undefined {
  const { id } = params as { id?: string };
  return id !== undefined && canonicalId.test(id) ? `${collection}/${id}` : undefined;
}
