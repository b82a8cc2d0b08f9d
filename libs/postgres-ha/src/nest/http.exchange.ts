/** An HTTP request and its answer, whatever server they go through. */
export interface HttpExchange {
  readonly method: string;
  /** The pattern that the request was routed by, for example `/orders/:id`; undefined where the server does not tell. */
  readonly route: string | undefined;
  /** The path as it was requested. */
  readonly url: string;
  /** As the server has parsed it. */
  readonly body: unknown;
  /** The `Idempotency-Key` header, if there was one. */
  readonly idempotencyKey: string | undefined;
  /** Puts status and headers on the answer; its body is what the handler returns. */
  answer(status: number, headers: Readonly<Record<string, string>>): void;
}
