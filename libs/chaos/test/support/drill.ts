import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '../../../cluster/src/wait.js';
import { checkRun, figuresOf, type Findings } from '../../src/checkers/check.js';
import { clientExperience, type ClientExperience } from '../../src/checkers/client.experience.js';
import { experienceOf, type Experience } from '../../src/checkers/experience.js';
import { judge, safety } from '../../src/checkers/verdict.js';
import type { Operation } from '../../src/history/operation.js';
import { requiredBehaviour } from '../../src/load/http.client.js';
import type { LoadOptions } from '../../src/load/load.js';
import { seeded } from '../../src/random/random.js';
import type { Injection } from '../../src/runs/injection.js';
import { Trial, type PrepareWorkload } from '../../src/runs/trial.js';
import type { TestLab } from './lab.js';
import { machineSlowness } from './machine.js';
import { artifactsFolder } from './settings.js';

/** Load before the fault, so that connections are open and figures can be compared. */
const warmUpMs = 2_000;
/** Load after the lab has recovered, to see a second outage after the first. */
const aftermathMs = 3_000;
/** How long writes may take that were held: all of them go through the pools at once. */
const catchUpMs = 5_000;
const sampleEveryMs = 500;
const healthyBoundMs = 120_000;
const drillTimeoutMs = 300_000;

const load: LoadOptions = { ratePerSecond: 160, clients: 48, behaviour: requiredBehaviour };

/** What the checkers found in one drill. */
export interface DrillResult extends Findings {
  readonly history: readonly Operation[];
  /** The reasons for which a run of the chaos tool would fail by the bounds of all runs; empty when those are kept. */
  readonly reasons: readonly string[];
  /** The faults that were injected, in their order. */
  readonly faults: readonly string[];
  /** By how much the machine was slower than usual after the drill; bounds of time are widened by it. */
  readonly slowness: number;
  /** What the clients of the service saw from this fault to the next. */
  during(fault: string): Experience;
  /** What the client of this session saw of the drill's one fault. */
  client(session: string): ClientExperience;
}

/** Faults under one load: starts clients of every kind, injects faults, and keeps the history. */
export class Drill {
  private trial: Trial | undefined;

  constructor(
    private readonly name: string,
    readonly lab: TestLab,
  ) {}

  /** Starts the usual clients, or others, and lets them warm up. */
  async load(changes: Partial<LoadOptions> | PrepareWorkload = {}): Promise<void> {
    const folder = join(artifactsFolder, 'drills');
    await mkdir(folder, { recursive: true });
    this.trial = new Trial({
      lab: this.lab,
      nemesis: this.lab.nemesis,
      load: typeof changes === 'function' ? changes : { ...load, ...changes },
      path: (kind) => join(folder, `${this.name}.${kind}`),
      sampleEveryMs,
      random: seeded(1),
      signal: new AbortController().signal,
      say: () => undefined,
    });
    await this.trial.start();
    await pause(warmUpMs);
  }

  /** Injects a fault, from the catalogue or from the drill itself, and holds it for `holdMs`. */
  async inject(fault: Omit<Injection, 'holdMs'>, holdMs = 0): Promise<void> {
    await this.running.inject({ ...fault, holdMs });
  }

  /** Heals what is broken of these services; without an argument, everything. */
  async heal(...services: string[]): Promise<void> {
    await this.running.heal(...services);
  }

  /** Waits until no operation waits for a client, and then for {@link aftermathMs} more. */
  async recovered(boundMs: number): Promise<void> {
    await this.running.caughtUp(boundMs);
    await pause(aftermathMs);
  }

  /** Ends the load. */
  async stop(): Promise<void> {
    await this.trial?.stop();
  }

  /** Ends the load, heals the lab, and compares the history with the rows on the members. */
  async result(): Promise<DrillResult> {
    await this.stop();
    await this.lab.nemesis.heal();
    await this.running.settle(healthyBoundMs);
    const record = await this.running.record();
    const findings = checkRun(record);
    return {
      ...findings,
      slowness: await machineSlowness(),
      history: record.history,
      faults: record.events.flatMap(({ kind, detail }) => (kind === 'fault' ? [detail ?? ''] : [])),
      reasons: judge(safety, figuresOf(findings)).reasons,
      during: (fault) => experienceOf(record, fault),
      client: (session) => clientExperience(record, session),
    };
  }

  async cleanUp(): Promise<void> {
    await this.stop();
    await this.lab.heal();
    await this.trial?.deleteRows();
  }

  private get running(): Trial {
    if (this.trial === undefined) throw new Error('the drill has no load yet');
    return this.trial;
  }
}

/** Adds a test of a drill's result. */
export type Claim = (title: string, check: (result: DrillResult) => void | Promise<void>) => void;

/** One fault of a drill that has several: how to inject it, and the claims about it. */
export interface DrillPart {
  readonly run: (drill: Drill) => Promise<void>;
  readonly claims: (claim: Claim) => void;
}

/**
 * Runs `scenario` once, before the claims of the surrounding `describe`, on a lab with the expected configuration, and heals the
 * lab afterwards. The history is in test-artifacts/drills/.
 */
export function useDrill(name: string, lab: TestLab, scenario: (drill: Drill) => Promise<void>): Claim {
  const drill = new Drill(name, lab);
  let result: DrillResult | undefined;

  beforeAll(async () => {
    await expectProtection(lab);
    await scenario(drill);
    result = await drill.result();
    await report(name, result);
  }, drillTimeoutMs);
  afterAll(() => drill.cleanUp(), drillTimeoutMs);

  return (title, check) => {
    it(title, async () => {
      if (result === undefined) throw new Error('the drill has no result');
      await check(result);
    });
  };
}

/**
 * Claims what exactly-once writes and retried reads promise during any fault: no request fails, and the slowest is bounded.
 *
 * @param fault the name of the fault
 * @param during the fault in the words of a test title: `while …`
 */
export function claimSurvival(claim: Claim, fault: string, during: string): void {
  claim(`No request to the service fails ${during}`, (result) => {
    const { requests, failed } = result.during(fault);
    expect(requests.some(({ action }) => action === 'write')).toBe(true);
    expect(requests.some(({ action }) => action === 'read')).toBe(true);
    expect(failed).toEqual([]);
  });

  claim(
    `No request is held for longer than the write gap and 5 s to catch up, on a slow machine more, ${during}`,
    (result) => {
      const { longestRequestMs, writeGapMs } = result.during(fault);
      expect(writeGapMs).not.toBeNull();
      expect(longestRequestMs).toBeLessThanOrEqual(Number(writeGapMs) + catchUpMs * result.slowness);
    },
  );
}

/** Claims that the bounds of all runs are kept: nothing is lost or written twice, no ghosts, no stale session reads. */
export function claimSafety(claim: Claim, during: string): void {
  claim(`Nothing acknowledged is lost, nothing is written twice and there is no ghost ${during}`, (result) => {
    expect(result.acked).toBeGreaterThan(0);
    expect(result.reasons).toEqual([]);
  });
}

/** Checks the live configuration, on which the bounds rest: Patroni reads that of the file at the first bootstrap only. */
async function expectProtection(lab: TestLab): Promise<void> {
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

/** Writes a line for each fault and one for the whole drill; scripts/test shows them at its end. */
async function report(name: string, result: DrillResult): Promise<void> {
  const { acked, lost, lostUpdates, duplicates, ghosts, operations, history, faults, slowness } = result;
  const seconds = (ms: number | null) => (ms === null ? 'none attempted' : `${(ms / 1_000).toFixed(2)} s`);
  const durationMs = history.reduce((last, { endedMs }) => Math.max(last, endedMs), 0);
  const ofFault = (fault: string) => {
    const { requests, failed, writeGapMs, readGapMs, longestRequestMs } = result.during(fault);
    return `${fault}: write gap ${seconds(writeGapMs)}, read gap ${seconds(readGapMs)}, longest request ${seconds(longestRequestMs)}, ${failed.length} of ${requests.length} requests failed`;
  };
  const ofAll = `${name}: ${acked} writes acknowledged, ${lost} lost, ${lostUpdates} updates lost, ${duplicates} duplicates, ${ghosts} ghosts, ${((1_000 * operations) / durationMs).toFixed(0)} operations/s, machine ${slowness.toFixed(1)} times as slow as usual`;
  await appendFile(join(artifactsFolder, 'failover.txt'), [...faults.map(ofFault), ofAll, ''].join('\n'));
}
