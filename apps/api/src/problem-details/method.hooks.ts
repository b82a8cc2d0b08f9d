import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from './problem.error.js';

/**
 * Answers requests for a known path with a method that it does not have: OPTIONS with 204, others with 405, both with `Allow`.
 * An unknown path is answered with 404 as before.
 */
export function answerOtherMethods(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const methods = request.is404 ? methodsAt(fastify, request) : [];
    if (methods.length === 0) return done();
    const headers = { Allow: [...methods, 'OPTIONS'].join(', ') };
    if (request.method === 'OPTIONS') return void reply.status(204).headers(headers).send();
    done(new ProblemError('method_not_allowed', { headers }));
  });
}

/** The router matches a path whose id is empty; for Nest it has no handler. */
function methodsAt(fastify: FastifyInstance, { url }: FastifyRequest): string[] {
  return fastify.supportedMethods.filter((method) => {
    const route = fastify.findRoute({ method, url });
    return route !== null && Object.values(route.params).every((value) => value !== '');
  });
}
