import DataLoader from 'dataloader';
import type { ClusterClient } from './cluster.client.js';

/**
 * Pipelining: statements are sent before those ahead of them have been answered. Through a proxy and two kernels a packet
 * costs more than a short statement does, so the number of packets is what counts. Four parts do it together, and all of them
 * are in this file:
 *
 * 1. {@link pipelining}, the switch: pg sends a statement as soon as it is given one. Without it pg would hold each statement
 *    back until the one before it is answered, and the other three parts would gain nothing.
 * 2. {@link inOnePacket} and {@link inOnePacketThisTurn}: all that is sent meanwhile leaves as one packet.
 * 3. {@link begin} sends BEGIN and does not wait: it travels with the first statement of the work, as the lookup of an
 *    idempotency key does (`WriteAttempt`).
 * 4. {@link batchedPerTurn}: statements that are asked for in the same turn of the event loop share one connection, hence
 *    one packet (`NodeReader`).
 *
 * The server takes the statements of a connection in the order in which they were sent, and answers each by itself. So
 * outside of a transaction one that fails does not touch the next; inside, all that follow fail with 25P02, and the first
 * error is the one to look at. A client-side timeout destroys the connection, and with it all that was sent on it.
 *
 * Measured with `npm run bench:reads` (docs/results/reads.md: 2 cores, 32 connections): `GET /products/{id}` is answered
 * 3335 times a second, and 1831 times by a bare server of node:http and pg that sends one statement at a time through the
 * same proxy. For writes, `npm run bench:writes` (docs/results/writes.md).
 */
export const pipelining = { pipeline: true } as const;

/** Sends as one packet all statements that `send` gives to the client before it returns. */
export function inOnePacket<T>(client: ClusterClient, send: () => T): T {
  const { stream } = connectionOf(client);
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

/** Sends as one packet all statements that the client is given within this turn of the event loop, continuations of promises included. */
export function inOnePacketThisTurn(client: ClusterClient): void {
  const { stream } = connectionOf(client);
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** How strictly PostgreSQL keeps a transaction apart from others. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** What is said of a transaction at its begin. */
export interface BeginOptions {
  /** How long a statement of this transaction waits for a lock; by default, as the session does. */
  readonly lockTimeoutMs?: number | undefined;
  /** By default, as the session has it. */
  readonly isolation?: Isolation | undefined;
}

/**
 * Sends BEGIN and does not wait for its answer.
 *
 * @returns the answer, which the caller awaits before it sends COMMIT
 */
export function begin(client: ClusterClient, { lockTimeoutMs, isolation }: BeginOptions = {}): Promise<unknown> {
  const statement = isolation === undefined ? 'BEGIN' : `BEGIN ISOLATION LEVEL ${isolation.toUpperCase()}`;
  return client.query(
    lockTimeoutMs === undefined ? statement : `${statement}; SET LOCAL lock_timeout = ${lockTimeoutMs}`,
  );
}

/**
 * Collects the items that are given in one turn of the event loop, and runs them as one batch.
 *
 * @param run answers a batch, one result or Error for each item, in their order
 * @param maxItems the largest batch; further items make another one
 */
export function batchedPerTurn<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>,
  maxItems: number,
): (item: Item) => Promise<Result> {
  const loader = new DataLoader<Item, Result>(run, {
    cache: false,
    maxBatchSize: maxItems,
    batchScheduleFn: (runBatch) => setImmediate(runBatch),
  });
  return (item) => loader.load(item);
}

/** The part of pg's connection that it does not type: a socket. */
interface Connection {
  readonly stream: { cork(): void; uncork(): void };
}

function connectionOf(client: ClusterClient): Connection {
  return (client as unknown as { readonly connection: Connection }).connection;
}
