import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from './problem.error.js';

/**
 * Answers what the router finds nothing for although it knows the path: OPTIONS with 204, another method with 405, both
 * with `Allow`. A path that no method knows stays the 404 that it is.
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

/** An id that is empty is in the router's eyes a path, and to Nest none. */
function methodsAt(fastify: FastifyInstance, { url }: FastifyRequest): string[] {
  return fastify.supportedMethods.filter((method) => {
    const route = fastify.findRoute({ method, url });
    return route !== null && Object.values(route.params).every((value) => value !== '');
  });
}
