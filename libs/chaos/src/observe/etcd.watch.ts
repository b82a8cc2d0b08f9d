import { etcds } from '../../../cluster/src/core/members.mjs';
import type { Lab } from '../../../cluster/src/lab.js';
import type { LockChange, LockWatch } from './observer.js';

const reconnectMs = 500;

/**
 * Follows the leader key in etcd, and sees each change when Patroni's standbys see it.
 *
 * It runs etcd's own client in a container of etcd. HTTP from this program (`/v3/watch`) would need a published port, which every
 * page in the user's browser could use (etcd/README.md), or the container's address, which only a Linux host with its own engine
 * reaches.
 */
export class EtcdWatch implements LockWatch {
  private stopped = false;
  private stopStream: (() => void) | undefined;
  private holder: string | undefined;

  constructor(
    private readonly lab: Lab,
    private readonly onChange: (change: LockChange) => void,
  ) {}

  async start(): Promise<void> {
    await this.connect(0);
  }

  stop(): void {
    this.stopped = true;
    this.stopStream?.();
  }

  /** A watch ends when its etcd member does. Then one on the next member follows; changes between the two are not seen. */
  private async connect(attempt: number): Promise<void> {
    const etcd = etcds[attempt % etcds.length] ?? 'etcd1';
    const connectAgain = () => {
      if (!this.stopped) setTimeout(() => void this.connect(attempt + 1), reconnectMs).unref();
    };
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      // Three lines an event: what happened, the key, the value.
      if (lines.length < 3) return;
      const [kind, , value = ''] = lines.splice(0, 3);
      this.report(kind === 'DELETE' ? { kind: 'released' } : { kind: 'taken', by: value });
    };
    try {
      const watch = ['etcdctl', 'watch', '--interactive'];
      const input = `watch ${this.lab.keys.leader}\n`;
      this.stopStream = await this.lab.containers.follow(etcd, watch, input, { onLine, onEnd: connectAgain });
      if (this.stopped) this.stopStream();
    } catch {
      connectAgain();
    }
  }

  /** Reports a change unless the holder is the same as before. */
  private report(change: LockChange): void {
    const holder = change.kind === 'taken' ? change.by : undefined;
    if (holder === this.holder && holder !== undefined) return;
    this.holder = holder;
    this.onChange(change);
  }
}
