import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from './problem.mapping.js';
import { sendProblem } from './problem.server.js';

/** The one place where errors become answers, and where a server error is logged, once. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(error);
    if (problem.status >= 500) {
      request.log.error({ event: 'request_failed', code: problem.code, err: problem.cause ?? problem });
    }
    sendProblem(problem, request, reply);
  }
}
