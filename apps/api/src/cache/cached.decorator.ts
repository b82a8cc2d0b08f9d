import { RouteConfig } from '@nestjs/platform-fastify';

/** How answers of a handler are kept. */
export interface CachedRoute {
  /** Name of the things it answers; writers name it too. */
  readonly things: string;
  readonly ttlSeconds: number;
}

/**
 * Keeps the answers of a `GET …/:id` handler, 404 included, for at most `ttlSeconds`. The handler reads through
 * `ReadFacade`, once; whoever writes such a thing gives `CacheInvalidation.changing` to `WriteFacade`.
 */
export const Cached = (cached: CachedRoute) => RouteConfig({ cached });

/** What the route declares, if anything. */
export function cachedRouteOf(config: unknown): CachedRoute | undefined {
  return (config as { cached?: CachedRoute } | undefined)?.cached;
}

/** Ids as everybody writes them, so that one thing has one key. Others are the handler's to refuse. */
const canonicalId = /^[1-9]\d{0,9}$/;

export function keyOf({ things }: CachedRoute, params: unknown): string | undefined {
  const { id } = params as { id?: string };
  return id !== undefined && canonicalId.test(id) ? `${things}/${id}` : undefined;
}
