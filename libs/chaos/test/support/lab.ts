import { afterAll, beforeAll } from '@jest/globals';
import { Lab } from '../../../cluster/src/lab.js';
import { until } from '../../../cluster/src/wait.js';
import type { Nemesis } from '../../src/faults/nemesis.js';
import { LabSession } from '../../src/runs/session.js';
import { openLab } from './settings.js';

const healthyBoundMs = 120_000;
const openBoundMs = 300_000;

/** The lab for the tests of a file. */
export class TestLab extends Lab {
  private session: LabSession | undefined;

  /** Injects faults. Its journal is what scripts/test heals by when the tests are interrupted. */
  get nemesis(): Nemesis {
    if (this.session === undefined) throw new Error('the lab has not been opened: use it in a hook or a test');
    return this.session.nemesis;
  }

  async open(): Promise<void> {
    const say = (line: string) => process.stderr.write(`${line}\n`);
    this.session = await LabSession.open(this.settings, say, new AbortController().signal);
  }

  /** Heals everything that is broken, and waits until the lab is healthy; returns at once when nothing is broken. */
  async heal(): Promise<void> {
    if (await this.nemesis.heal()) await this.waitHealthy(healthyBoundMs);
  }

  async close(): Promise<void> {
    if (this.session === undefined) return;
    await this.heal().finally(() => this.session?.close());
    this.session = undefined;
  }
}

/** A lab for all tests of a file: healthy and configured as `scripts/lab up` does it at the start, and healed at the end. */
export function useLab(): TestLab {
  const lab = new TestLab(openLab().settings);
  beforeAll(() => lab.open(), openBoundMs);
  afterAll(() => lab.close(), openBoundMs);
  return lab;
}

/** Resolves once `member` streams on the leader's timeline. */
export async function waitStreaming(lab: Lab, member: string, boundMs: number): Promise<void> {
  await until({ what: `${member} streams`, boundMs }, async () => {
    const members = await lab.cluster();
    const leader = members.find(({ role }) => role === 'leader');
    const self = members.find(({ name }) => name === member);
    return self?.state === 'streaming' && self.timeline === leader?.timeline ? true : undefined;
  });
}

/** Resolves once every replica has replayed all that it has received. */
export async function waitReplayed(lab: Lab, boundMs: number): Promise<void> {
  for (const replica of await lab.replicas()) {
    await until({ what: `${replica} catches up`, boundMs, everyMs: 20 }, async () => {
      const [caughtUp] = await lab.psql(replica, 'SELECT pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()');
      return caughtUp === 't' ? true : undefined;
    });
  }
}
