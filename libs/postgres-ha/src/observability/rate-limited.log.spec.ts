import { describe, expect, it } from '@jest/globals';
import { RateLimitedLog } from './rate-limited.log.js';

describe('RateLimitedLog', () => {
  let nowMs = 0;
  const record = () => {
    const lines: object[] = [];
    nowMs = 0;
    return {
      lines,
      log: new RateLimitedLog(
        (line) => lines.push(line),
        1_000,
        () => nowMs,
      ),
    };
  };

  it('writes the first of a kind at once, and then one line per interval that says how many it stands for', () => {
    const { lines, log } = record();
    for (nowMs = 0; nowMs <= 2_000; nowMs += 100) log.note('a', { reason: 'a' });
    expect(lines).toEqual([
      { reason: 'a', times: 1 },
      { reason: 'a', times: 10 },
      { reason: 'a', times: 10 },
    ]);
  });

  it('keeps kinds apart', () => {
    const { lines, log } = record();
    log.note('a', { reason: 'a' });
    log.note('b', { reason: 'b' });
    log.note('a', { reason: 'a' });
    expect(lines).toEqual([
      { reason: 'a', times: 1 },
      { reason: 'b', times: 1 },
    ]);
  });
});
