import DataLoader from 'dataloader';
import type { ClusterClient } from './cluster.client.js';
import type { Checkout } from './connection.checkout.js';

/**
 * Pipelining: statements are sent before those ahead of them have been answered. Through a proxy and two kernels a packet
 * costs more than a short statement does, so what counts is how many packets there are. Four things do it together, and all
 * of them are here:
 *
 * 1. {@link pipelining}, the switch: pg puts a statement on the wire as soon as it is asked for. Without it pg would hold each
 *    one back until the one before it is answered, and the others would gain nothing.
 * 2. {@link inOnePacket} and {@link inOnePacketThisTurn}: what is sent meanwhile leaves as one packet.
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

/** Sends all that `send` asks for, synchronously, as one packet. */
export function inOnePacket<T>(client: ClusterClient, send: () => T): T {
  const { stream } = connectionOf(client);
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

/** {@link inOnePacket} for what is asked for within this turn of the event loop, by what promises lead to, too. */
export function inOnePacketThisTurn(client: ClusterClient): void {
  const { stream } = connectionOf(client);
  stream.cork();
  setImmediate(() => stream.uncork());
}

/**
 * Sends BEGIN and does not wait for its answer. TypeORM is told, or its `save` would begin a transaction of its own inside
 * this one and commit it.
 *
 * @param lockTimeoutMs how long a statement of this transaction waits for a lock; by default, as the session does
 * @returns the answer; it has to be looked at before COMMIT is sent
 */
export function begin({ client, manager }: Checkout, lockTimeoutMs?: number): Promise<unknown> {
  Object.assign(manager.queryRunner as object, { isTransactionActive: true });
  return client.query(lockTimeoutMs === undefined ? 'BEGIN' : `BEGIN; SET LOCAL lock_timeout = ${lockTimeoutMs}`);
}

/**
 * Gathers what is asked for in one turn of the event loop.
 *
 * @param run answers a batch, one result or Error for each item, in their order
 * @param maxItems more of them make another batch
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
