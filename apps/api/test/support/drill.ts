import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeFailures, failed, longestGapMs, lostUpdates, tally, type Attempt, type Tally } from './history.js';
import { LabController } from './lab.controller.js';
import { uniqueName } from './names.js';
import { Recorder } from './recorder.js';
import { artifactsFolder, lab as settings } from './settings.js';
import { until } from './wait.js';

/** Load before the fault, so that pools are warm and there is something to compare with. */
const warmUpMs = 2_000;
/** Load after service has come back, so that a second outage behind the first is seen. */
const aftermathMs = 3_000;
/** All writes that were held go through the pools at once. */
const catchUpMs = 5_000;
/** How many new requests must succeed before service counts as back. */
const successesToBeBack = 20;

const healthyBoundMs = 120_000;
const leaderBoundMs = 60_000;
const drillTimeoutMs = 300_000;

/** What the clients of one drill lived through. */
export interface DrillResult {
  /** When the command that struck the fault was given, on the clock of the attempts: gaps are measured from here. */
  readonly faultMs: number;
  /** When the fault was certainly there: the command that struck it had returned. */
  readonly struckMs: number;
  /** Longest time between two acknowledged writes around the fault; 0 where nobody wrote. */
  readonly writeGapMs: number;
  /** Longest time between two answered reads around the fault; 0 where nobody read. */
  readonly readGapMs: number;
  readonly writes: Tally;
  /** Rows whose last acknowledged number is not there. */
  readonly lostUpdates: readonly string[];
  /** Longest request of all. */
  readonly longestMs: number;
  readonly requestsPerSecond: number;
  readonly writeAttempts: readonly Attempt[];
  readonly readAttempts: readonly Attempt[];
  /** From `docker start` of the killed member until it streamed; undefined where none was started. */
  readonly rejoinMs: number | undefined;
}

/** One fault under load: starts clients of the real API, strikes, and keeps what the clients saw. */
export class Drill {
  readonly lab = new LabController();
  private readonly prefix = uniqueName('drill');
  private writes: Recorder | undefined;
  private reads: Recorder | undefined;
  private startedMs = NaN;
  private faultMs = NaN;
  private struckMs = NaN;
  private stoppedMs = NaN;
  private rejoinMs: number | undefined;

  /** Starts clients and lets them warm up. */
  async load(...kinds: ('writes' | 'reads')[]): Promise<void> {
    this.startedMs = performance.now();
    if (kinds.includes('writes')) this.writes = Recorder.writes(settings.apiUrl, this.prefix);
    if (kinds.includes('reads')) this.reads = Recorder.reads(settings.apiUrl);
    await sleep(warmUpMs);
  }

  async strike(fault: () => Promise<unknown>): Promise<void> {
    this.faultMs = performance.now();
    await fault();
    this.struckMs = performance.now();
  }

  /** Waits until requests that began after the fault succeed again, and goes on for the aftermath. */
  async recovered(boundMs: number): Promise<void> {
    const back = { count: successesToBeBack, afterMs: this.struckMs, boundMs };
    await Promise.all([this.writes?.acknowledged(back), this.reads?.acknowledged(back)]);
    await sleep(aftermathMs);
  }

  /** Starts a killed member again and waits until it streams. */
  async rejoin(member: string, boundMs: number): Promise<void> {
    const startedMs = performance.now();
    await this.lab.start(member);
    await this.lab.waitStreaming(member, boundMs);
    this.rejoinMs = performance.now() - startedMs;
  }

  /** Stops the clients and compares what they were told with what the leader has. */
  async result(): Promise<DrillResult> {
    await this.stop();
    const window = { fromMs: this.faultMs, untilMs: this.stoppedMs };
    const [stored, numbers] = await until({ what: 'a leader to count rows on', boundMs: leaderBoundMs }, async () => [
      await this.lab.countProducts(this.prefix),
      await this.lab.numbersOfProducts(this.prefix),
    ]);
    const writeAttempts = this.writes?.attempts ?? [];
    const readAttempts = this.reads?.attempts ?? [];
    const attempts = [...writeAttempts, ...readAttempts];
    return {
      faultMs: this.faultMs,
      struckMs: this.struckMs,
      writeGapMs: this.writes === undefined ? 0 : longestGapMs(this.writes.successMs, window),
      readGapMs: this.reads === undefined ? 0 : longestGapMs(this.reads.successMs, window),
      writes: tally(writeAttempts, stored),
      lostUpdates: lostUpdates(writeAttempts, numbers),
      longestMs: Math.max(0, ...attempts.map(({ startedMs, endedMs }) => endedMs - startedMs)),
      requestsPerSecond: attempts.length / ((this.stoppedMs - this.startedMs) / 1_000),
      writeAttempts,
      readAttempts,
      rejoinMs: this.rejoinMs,
    };
  }

  /** Ends the load; what comes later is no gap of the clients'. */
  async stop(): Promise<void> {
    if (Number.isNaN(this.stoppedMs)) this.stoppedMs = performance.now();
    await Promise.all([this.writes?.stop(), this.reads?.stop()]);
  }

  async cleanUp(): Promise<void> {
    await this.stop();
    await this.lab.heal(healthyBoundMs);
    await this.lab.deleteProducts(this.prefix);
  }
}

/** States one claim about a drill's result. */
type Claim = (title: string, check: (result: DrillResult) => void | Promise<void>) => void;

/**
 * Runs `scenario` once, before the claims of the surrounding `describe`, on a lab that is whole and protected as
 * configured, and heals it afterwards. The first claim that does not hold saves logs and histories under
 * test-artifacts/`name`/.
 */
export function useDrill(name: string, scenario: (drill: Drill) => Promise<void>): Claim {
  const drill = new Drill();
  let result: DrillResult | undefined;
  let saved = false;

  const withEvidence = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (!saved) await drill.lab.saveEvidence(name);
      saved = true;
      throw error;
    }
  };

  beforeAll(
    () =>
      withEvidence(async () => {
        await drill.lab.heal(healthyBoundMs);
        await expectProtection(drill.lab);
        await scenario(drill);
        result = await drill.result();
        await report(name, result);
      }),
    drillTimeoutMs,
  );
  afterAll(() => drill.cleanUp(), drillTimeoutMs);

  return (title, check) => {
    it(title, () =>
      withEvidence(async () => {
        if (result === undefined) throw new Error('the drill has no result');
        await check(result);
      }),
    );
  };
}

/** What exactly-once writes and retried reads promise the clients of any fault: a slow answer at worst. */
export function claimSurvival(claim: Claim): void {
  claim('fails no request', ({ writeAttempts, readAttempts }) => {
    expect(writeAttempts.length).toBeGreaterThan(0);
    expect(failed([...writeAttempts, ...readAttempts])).toEqual([]);
  });

  claim('loses nothing that was acknowledged, writes nothing twice and leaves no ghost', (result) => {
    expect(result.writes.acknowledged).toBeGreaterThan(0);
    expect(result).toMatchObject({ lostUpdates: [], writes: { lost: [], duplicates: [], ghosts: [] } });
  });

  claim('holds no request for longer than the write gap and the time to catch up', ({ longestMs, writeGapMs }) => {
    expect(longestMs).toBeLessThanOrEqual(writeGapMs + catchUpMs);
  });
}

/** The file's configuration counts at the first bootstrap only, so the live one is looked at: the bounds rest on it. */
async function expectProtection(lab: LabController): Promise<void> {
  expect(await lab.config()).toMatchObject({
    ttl: 20,
    loop_wait: 2,
    retry_timeout: 5,
    primary_start_timeout: 0,
    synchronous_mode: 'quorum',
    synchronous_node_count: 1,
    failsafe_mode: true,
  });
  const leader = await lab.leader();
  const { voters, ...rest } = await lab.syncState();
  expect(rest).toEqual({ leader, quorum: 1 });
  expect(voters.toSorted()).toEqual(await lab.replicas());
}

/** A line per drill, which scripts/test shows at its end. */
async function report(name: string, result: DrillResult): Promise<void> {
  const { writes, writeAttempts, readAttempts, writeGapMs, readGapMs, rejoinMs, longestMs, requestsPerSecond } = result;
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
  const parts = [
    ...(writeAttempts.length === 0
      ? []
      : [
          `write gap ${seconds(writeGapMs)}`,
          `${writes.acknowledged} writes acknowledged`,
          `${writes.lost.length} lost`,
          `${result.lostUpdates.length} updates lost`,
          `${writes.duplicates.length} duplicates`,
          `${writes.ghosts.length} ghosts`,
          `failed: ${describeFailures(writeAttempts)}`,
        ]),
    ...(readAttempts.length === 0
      ? []
      : [
          `read gap ${seconds(readGapMs)}`,
          `${readAttempts.length} reads`,
          `failed reads: ${describeFailures(readAttempts)}`,
        ]),
    `${requestsPerSecond.toFixed(0)} requests/s`,
    `longest ${seconds(longestMs)}`,
    ...(rejoinMs === undefined ? [] : [`rejoined in ${seconds(rejoinMs)}`]),
  ];
  await mkdir(artifactsFolder, { recursive: true });
  await appendFile(join(artifactsFolder, 'failover.txt'), `${name}: ${parts.join(', ')}\n`);
}
