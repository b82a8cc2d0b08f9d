import type { RunView } from '../../../../libs/live/src/protocol.js';
import { duration } from '../state/formatting.js';

/** How a run ended, in one word for styles and tests. */
export type Outcome = 'pass' | 'fail' | 'skipped';

/** See {@link Outcome}. */
export function outcomeOf({ figures }: RunView): Outcome {
  if (figures === undefined) return 'skipped';
  return figures.pass ? 'pass' : 'fail';
}

/** The verdict in a sentence that can be read out. */
export function verdictText(run: RunView): string {
  const { scenario, skipped, figures } = run;
  if (figures === undefined) return `${scenario}: skipped. ${skipped ?? ''}`.trim();
  const gap =
    figures.writeGapMs === null ? 'No write gap was measured.' : `No write for ${duration(figures.writeGapMs)}.`;
  const lost = figures.lost === 0 ? 'Nothing acknowledged was lost.' : `${figures.lost} acknowledged writes were LOST.`;
  return `${scenario}: ${figures.pass ? 'pass' : 'fail'}. ${gap} ${lost}`;
}
