import type { FastifyInstance } from 'fastify';
import { readClaims, writeClaims, type TokenCodec } from './consistency.token.js';
import { parseReadConsistency } from './read-consistency.header.js';
import type { RequestContext } from './request.context.js';
import { servedByHeader } from './served.js';

/**
 * Takes `Read-Consistency` and `Consistency-Token` from each request, and puts `Consistency-Token` and `Served-By` on its
 * answer. Hooks of Fastify and not an interceptor of Nest: interceptors would send every handler's result through RxJS.
 */
export function negotiateConsistency(fastify: FastifyInstance, context: RequestContext, codec: TokenCodec): void {
  fastify.addHook('preHandler', ({ headers }, _reply, done) => {
    const token = headers['consistency-token']?.toString();
    const consistency = parseReadConsistency(headers['read-consistency']?.toString());
    const claims = token === undefined ? undefined : readClaims(token, codec);
    context.run(consistency, claims, done);
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    const { served, answered } = context;
    if (served !== undefined) void reply.header('Served-By', servedByHeader(served));
    if (answered !== undefined && reply.statusCode < 400) {
      void reply.header('Consistency-Token', writeClaims(answered, codec));
    }
    done();
  });
}
