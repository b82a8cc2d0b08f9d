import { Injectable } from '@nestjs/common';
import type { Answer } from '../transactions/answer.js';
import { keyOf, type IdempotencyKey } from '../transactions/idempotency.key.js';
import type { HttpExchange } from './http.exchange.js';
import { requestStore } from './request.store.js';

interface WritingRequest {
  exchange?: HttpExchange;
}

/** The HTTP request to which a write belongs. Code below the handler reaches it without having it passed along. */
@Injectable()
export class IdempotencyContext {
  /** Records the request before its handler runs. */
  follow(exchange: HttpExchange): void {
    const { store } = this;
    if (store !== undefined) store.exchange = exchange;
  }

  /**
   * The key of this request's write; outside a request one that protects its own retries only. To be read after validation, because it
   * contains a digest of the body.
   *
   * @throws PostgresHaError `idempotency_key_malformed`
   */
  get key(): IdempotencyKey {
    const exchange = this.store?.exchange;
    const path = exchange?.url ?? '';
    return keyOf({
      method: exchange?.method ?? '',
      route: exchange?.route ?? path,
      path,
      body: exchange?.body,
      header: exchange?.idempotencyKey,
    });
  }

  /** Path of the request when it names one resource; undefined when it names a collection. */
  get resource(): string | undefined {
    const exchange = this.store?.exchange;
    return exchange?.route?.includes(':') === true ? exchange.url : undefined;
  }

  /** Puts status and headers of an answer on the reply; its body is what the handler returns. */
  answer({ status, headers }: Answer, isReplay: boolean): void {
    this.store?.exchange?.answer(status, isReplay ? { ...headers, 'Idempotent-Replayed': 'true' } : headers);
  }

  private get store(): WritingRequest | undefined {
    return requestStore.getStore() as WritingRequest | undefined;
  }
}
