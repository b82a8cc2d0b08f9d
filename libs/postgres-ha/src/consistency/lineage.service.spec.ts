import { describe, expect, it } from '@jest/globals';
import { classifyFailure } from '../database/failure.table.js';
import type { EndedTimeline } from '../options/timeline.history.js';
import { LineageService } from './lineage.service.js';

/** A lineage from `tell`, and how often that was asked. */
function lineageFrom(tell: () => Promise<readonly EndedTimeline[]>) {
  let asked = 0;
  const endedTimelines = () => {
    asked += 1;
    return tell();
  };
  const lineage = new LineageService({ endedTimelines });
  return { lineage, asked: () => asked };
}

const ended = [{ timeline: 1, lsn: 100n }];

describe('LineageService', () => {
  it('asks for the history once, however many reads need it, and keeps what has ended', async () => {
    const { lineage, asked } = lineageFrom(() => Promise.resolve(ended));
    await Promise.all([lineage.upTo(2), lineage.upTo(2)]);
    expect(await lineage.upTo(2)).toEqual(new Map([[1, 100n]]));
    expect(asked()).toBe(1);
  });

  it('asks again for a timeline that it does not know yet', async () => {
    const { lineage, asked } = lineageFrom(() => Promise.resolve(ended));
    await lineage.upTo(2);
    await lineage.upTo(3);
    expect(asked()).toBe(2);
  });

  it('does not ask for the history of the first timeline', async () => {
    const { lineage, asked } = lineageFrom(() => Promise.resolve(ended));
    expect(await lineage.upTo(1)).toEqual(new Map());
    expect(asked()).toBe(0);
  });

  it('fails with a code that is tried again when no source can tell the history', async () => {
    const { lineage } = lineageFrom(() => Promise.reject(new Error('no member answered')));
    const error: unknown = await lineage.upTo(2).catch((thrown: unknown) => thrown);
    expect(classifyFailure(error)).toEqual({
      code: 'HISTORY_UNAVAILABLE',
      outcome: 'not-committed',
      destroyConnection: false,
    });
  });
});
