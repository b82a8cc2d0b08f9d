import { setTimeout as sleep } from 'node:timers/promises';
import { containerOf, dockerOutput } from '../../../api/test/support/docker.js';
import { longestGapMs, tally, type Tally } from '../../../api/test/support/history.js';
import type { LabController } from '../../../api/test/support/lab.controller.js';
import { uniqueName } from '../../../api/test/support/names.js';
import { Recorder } from '../../../api/test/support/recorder.js';
import { until } from '../../../api/test/support/wait.js';

const load = { clients: 4, pauseMs: 10, timeoutMs: 10_000 };
const single = { ...load, clients: 1 };
const warmUpMs = 1_000;
const aftermathMs = 2_000;
const successesToBeBack = 20;
const recoveryBoundMs = 60_000;
const healthyBoundMs = 120_000;
const countBoundMs = 10_000;

/** When, in milliseconds after the kill was asked for, a step first shows in the logs; undefined: it does not. */
export interface Phases {
  readonly fencedMs: number | undefined;
  readonly lockTakenMs: number | undefined;
  readonly promotedMs: number | undefined;
  readonly standbyFollowsMs: number | undefined;
  readonly proxyUpMs: number | undefined;
}

export interface LeaderKill {
  readonly killed: string;
  readonly promoted: string;
  /** Longest time between two acknowledged inserts of four clients, whichever of them wrote. */
  readonly writeGapMs: number;
  /** The same for a client alone, who may be sent to the dead leader's address once more than the others. */
  readonly singleGapMs: number;
  readonly writes: Tally;
  readonly phases: Phases;
}

/** SIGKILL of the leader's container under plain SQL writes through HAProxy; leaves the lab healthy. */
export async function killLeader(lab: LabController): Promise<LeaderKill> {
  await lab.heal(healthyBoundMs);
  const prefix = uniqueName('fenced');
  const killed = await lab.leader();
  const recorders = [Recorder.sqlWrites(prefix, load), Recorder.sqlWrites(`${prefix}-single`, single)] as const;
  const stop = () => Promise.all(recorders.map((recorder) => recorder.stop()));
  try {
    await sleep(warmUpMs);
    const atMs = Date.now();
    const faultMs = performance.now();
    await lab.kill(killed);
    const struckMs = performance.now();
    const back = { count: successesToBeBack, afterMs: struckMs, boundMs: recoveryBoundMs };
    await Promise.all(recorders.map((recorder) => recorder.acknowledged(back)));
    await sleep(aftermathMs);
    const window = { fromMs: faultMs, untilMs: performance.now() };
    await stop();
    const [several, alone] = recorders;
    const stored = await until({ what: 'rows to count', boundMs: countBoundMs }, () => lab.countProducts(prefix));
    const promoted = await lab.leader();
    return {
      killed,
      promoted,
      writeGapMs: longestGapMs(several.successMs, window),
      singleGapMs: longestGapMs(alone.successMs, window),
      writes: tally([...several.attempts, ...alone.attempts], stored),
      phases: await phasesSince(atMs, killed, promoted),
    };
  } finally {
    await stop();
    await lab.heal(healthyBoundMs);
    await lab.deleteProducts(prefix);
  }
}

async function phasesSince(atMs: number, killed: string, promoted: string): Promise<Phases> {
  const other = ['patroni1', 'patroni2', 'patroni3'].find((member) => member !== killed && member !== promoted) ?? '';
  const first = async (service: string, pattern: RegExp): Promise<number | undefined> => {
    const since = (atMs / 1_000).toFixed(3);
    const log = await dockerOutput(['logs', '--timestamps', '--since', since, containerOf(service)]);
    const line = log.split('\n').find((text) => pattern.test(text));
    return line === undefined ? undefined : Date.parse(line.slice(0, line.indexOf(' '))) - atMs;
  };
  const [fencedMs, lockTakenMs, promotedMs, standbyFollowsMs, proxyUpMs] = await Promise.all([
    first('fencing', /"decided: fence"/).catch(() => undefined),
    first(promoted, /acquired session lock|promoted self to leader/),
    first(promoted, /archive recovery complete|ready to accept connections/),
    first(other, /started streaming WAL from primary/),
    first('haproxy', new RegExp(`Server leader/${promoted} is UP`)),
  ]);
  return { fencedMs, lockTakenMs, promotedMs, standbyFollowsMs, proxyUpMs };
}
