import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestStore } from '../consistency/request.store.js';
import type { Answer } from './answer.js';
import { keyOf, type IdempotencyKey } from './idempotency.key.js';

interface WritingRequest {
  request?: FastifyRequest;
  reply?: FastifyReply;
}

/** The HTTP request to which a write belongs. Code below the handler reaches it without having it passed along. */
@Injectable()
export class IdempotencyContext {
  /** Registers the hook that records each request before its handler runs. */
  follow(fastify: FastifyInstance): void {
    fastify.addHook('preHandler', (request, reply, done) => {
      Object.assign(this.store ?? {}, { request, reply });
      done();
    });
  }

  /**
   * The key of this request's write. To be read after validation, because it contains a digest of the body.
   *
   * @throws PostgresHaError `idempotency_key_malformed`
   */
  get key(): IdempotencyKey {
    const request = this.store?.request;
    return keyOf({
      method: request?.method ?? '',
      route: request?.routeOptions.url ?? '',
      path: request?.url ?? '',
      body: request?.body,
      header: request?.headers['idempotency-key']?.toString(),
    });
  }

  /** Path of the request when it names one resource; undefined when it names a collection. */
  get resource(): string | undefined {
    const request = this.store?.request;
    return request?.routeOptions.url?.includes(':') === true ? request.url : undefined;
  }

  /** Puts status and headers of an answer on the reply; its body is what the handler returns. */
  answer({ status, headers }: Answer, isReplay: boolean): void {
    const reply = this.store?.reply;
    void reply?.status(status).headers(isReplay ? { ...headers, 'Idempotent-Replayed': 'true' } : headers);
  }

  private get store(): WritingRequest | undefined {
    return requestStore.getStore() as WritingRequest | undefined;
  }
}
