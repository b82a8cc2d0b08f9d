import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../cluster/src/lab.settings.js';
import { checkRun, type Findings, type RunRecord } from '../src/checkers/check.js';
import { seeded } from '../src/random/random.js';
import { LabSession } from '../src/runs/session.js';
import { Trial, type TrialOptions } from '../src/runs/trial.js';

const healthyBoundMs = 180_000;
const sampleEveryMs = 1_000;

/** What a trial of a benchmark left, and what the checkers found in it. */
export interface Measured {
  readonly record: RunRecord;
  readonly findings: Findings;
}

/** Uses a lab that is healthy at the start, and heals it at the end. After Ctrl-C, `scripts/lab chaos heal` must heal it. */
export async function withLab<T>(use: (session: LabSession) => Promise<T>): Promise<T> {
  const session = await LabSession.open(readSettings(process.env), console.error, new AbortController().signal);
  try {
    return await use(session);
  } finally {
    await session.close();
    await session.lab.waitHealthy(healthyBoundMs);
  }
}

/** Runs `body` under a load, then heals the lab and judges the trial. */
export async function measureTrial(
  { lab, nemesis }: LabSession,
  load: TrialOptions['load'],
  body: (trial: Trial) => Promise<void>,
): Promise<Measured> {
  await lab.waitHealthy(healthyBoundMs);
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const { signal } = new AbortController();
  const path = (kind: string) => join(folder, kind);
  const say = () => undefined;
  const trial = new Trial({ lab, nemesis, load, path, sampleEveryMs, random: seeded(1), signal, say });
  try {
    try {
      await trial.start();
      await body(trial);
    } finally {
      await trial.stop();
      await nemesis.heal();
    }
    await lab.waitHealthy(healthyBoundMs);
    const record = await trial.record();
    await trial.deleteRows();
    return { record, findings: checkRun(record) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
