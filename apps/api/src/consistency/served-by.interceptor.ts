import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { RequestContext } from './request.context.js';
import { servedByHeader } from './served.js';

/** Puts `Served-By` on every answer that came from the database. */
@Injectable()
export class ServedByInterceptor implements NestInterceptor {
  constructor(private readonly context: RequestContext) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = execution.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      tap(() => {
        const { served } = this.context;
        if (served !== undefined) void reply.header('Served-By', servedByHeader(served));
      }),
    );
  }
}
