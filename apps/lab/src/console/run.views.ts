import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readRuns } from '../../../../libs/chaos/src/results/results.directory.js';
import { isSkipped, type RunFile, type RunResult } from '../../../../libs/chaos/src/results/run.result.js';
import type { PhaseMark, Prediction, RunView } from '../../../../libs/live/src/protocol.js';
import { marksOf } from './phase.marks.js';

/** More would make the page slow, and nobody looks that far back. */
const newestFolders = 40;

export const predictionSchema = z.strictObject({
  leader: z.string().min(1).max(60),
  writeGapMs: z.number().min(0).max(3_600_000),
  loss: z.boolean(),
});

/** A run as the page shows it. @param id its folder's name */
export function runView(id: string, run: RunFile, prediction: Prediction | null): RunView {
  const { scenario, startedAt } = run;
  if (isSkipped(run)) return { id, scenario, startedAt, skipped: run.skipped, prediction };
  return {
    id,
    scenario,
    startedAt,
    prediction,
    figures: {
      pass: run.verdict.pass,
      reasons: run.verdict.reasons,
      leader: leaderAt(run, Number.POSITIVE_INFINITY),
      leaderBefore: leaderAt(run, run.events.find(({ kind }) => kind === 'fault')?.atMs ?? 0),
      timelineBefore: run.timeline.before,
      timelineAfter: run.timeline.after,
      gaps: run.gaps,
      writeGapMs: run.writeGapMs,
      readGapMs: run.readGapMs,
      longestRequestMs: run.longestRequestMs ?? null,
      acked: run.acked,
      lost: run.lost,
      ghosts: run.ghosts,
      duplicates: run.duplicates,
      staleReads: run.staleReads,
      readYourWritesViolations: run.readYourWritesViolations,
      monotonicViolations: run.monotonicViolations,
      httpRequests: run.http.requests,
      httpFailed: run.http.failed,
      rejoinMs: run.rejoinMs,
      marks: marksOfRun(run),
    },
  };
}

/** The events of the run, and the write that ended the outage, which only the history knows. */
function marksOfRun({ events, phases: { firstSuccessMs } }: RunResult): PhaseMark[] {
  const marks = marksOf(events);
  if (firstSuccessMs !== null) marks.push({ name: 'first success', afterMs: firstSuccessMs });
  return marks.toSorted((a, b) => a.afterMs - b.afterMs);
}

/** The member that led last before this moment, by its own answers. */
function leaderAt({ members }: RunResult, atMs: number): string | null {
  const leaders = members.filter((sample) => sample.role === 'primary' && sample.atMs <= atMs);
  return (
    leaders.reduce<(typeof leaders)[number] | undefined>(
      (last, sample) => (last === undefined || sample.atMs >= last.atMs ? sample : last),
      undefined,
    )?.member ?? null
  );
}

/** The folders of runs below `root`, read again only when they have changed. */
export class RunFolders {
  private readonly read = new Map<string, { readonly changedMs: number; readonly views: readonly RunView[] }>();

  constructor(readonly root: string) {}

  /** Newest first. */
  async views(): Promise<RunView[]> {
    const folders = await readdir(this.root, { withFileTypes: true }).catch(() => []);
    const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const newest = names.toSorted().slice(-newestFolders);
    const views = await Promise.all(newest.map((name) => this.viewsOf(name)));
    return views.flat().toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** The runs of one folder; none where it holds no run that can be read. */
  async viewsOf(name: string): Promise<readonly RunView[]> {
    const folder = join(this.root, name);
    try {
      const { mtimeMs: changedMs } = await stat(folder);
      const known = this.read.get(name);
      if (known?.changedMs === changedMs) return known.views;
      const prediction = await predictionOf(folder);
      const views = (await readRuns(folder)).map((run) => runView(name, run, prediction));
      this.read.set(name, { changedMs, views });
      return views;
    } catch {
      return [];
    }
  }
}

/** What was predicted before the run of this folder. */
async function predictionOf(folder: string): Promise<Prediction | null> {
  const text = await readFile(join(folder, predictionFile), 'utf8').catch(() => undefined);
  return text === undefined ? null : predictionSchema.parse(JSON.parse(text));
}

export const predictionFile = 'prediction.json';
