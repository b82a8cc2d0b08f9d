import type { ClusterPool } from '../database/cluster.pool.js';
import { withClient } from '../database/connection.checkout.js';
import type { Logger } from '../options/logger.js';
import { keysTable } from './idempotency.store.js';

const everyMs = 60_000;
const batchRows = 1_000;
const maxBatches = 100;

/** Number of the advisory lock of the pruner; nothing else in the database uses it. */
const pruningLock = 7_305_612;

/** Deletes expired keys. One instance at a time does it, in small transactions, so that no write waits for it. */
export class IdempotencyPruner {
  private timer: NodeJS.Timeout | undefined;
  private readonly table: string;

  /** @param keysSchema see `TransactionOptions.keysSchema` */
  constructor(
    private readonly leader: ClusterPool,
    keysSchema: string,
    private readonly logger: Logger,
  ) {
    this.table = keysTable(keysSchema);
  }

  /** Prunes once a minute from now on. */
  start(): void {
    this.timer = setInterval(() => {
      // A failure, for example without a leader, is ignored: the next run is a minute later.
      this.prune().catch(() => undefined);
    }, everyMs);
    this.timer.unref();
  }

  /** Ends that. A run under way goes on to its end. */
  stop(): void {
    clearInterval(this.timer);
  }

  /** @returns how many keys were deleted; 0 while another instance prunes */
  async prune(): Promise<number> {
    let deleted = 0;
    for (let batch = 0; batch < maxBatches; batch += 1) {
      const rows = await this.pruneBatch();
      deleted += rows;
      if (rows < batchRows) break;
    }
    if (deleted > 0) this.logger.log({ event: 'idempotency_keys_pruned', deleted });
    return deleted;
  }

  private async pruneBatch(): Promise<number> {
    const { rowCount } = await withClient(this.leader, (client) =>
      client.query({
        text: `DELETE FROM ${this.table}
               WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM ${this.table}
                 WHERE kept_until < now() AND (SELECT pg_try_advisory_xact_lock($1)) LIMIT $2))`,
        values: [pruningLock, batchRows],
      }),
    );
    return rowCount ?? 0;
  }
}
