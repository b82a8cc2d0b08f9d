import { describe, expect, it } from '@jest/globals';
import { Circuit } from './circuit.js';

/** Without jitter: pauses of 250, 500, 1000, 2000, 2000 … ms. */
const circuit = () => new Circuit(() => 1);

describe('Circuit', () => {
  it('admits everything until something fails', () => {
    const each = circuit();
    expect([each.admits(0), each.admits(0), each.isOpen]).toEqual([true, true, false]);
  });

  it('admits one request per pause after a failure, and the pauses grow to a limit', () => {
    const each = circuit();
    each.failed(0);
    const admitted: number[] = [];
    for (let nowMs = 0; nowMs < 8_000; nowMs += 10) if (each.admits(nowMs)) admitted.push(nowMs);
    expect(admitted).toEqual([250, 750, 1_750, 3_750, 5_750, 7_750]);
  });

  it('counts failures of concurrent requests as one', () => {
    const each = circuit();
    for (let request = 0; request < 32; request += 1) each.failed(0);
    expect([each.admits(249), each.admits(250)]).toEqual([false, true]);
  });

  it('admits everything again after one success, and starts over with short pauses', () => {
    const each = circuit();
    each.failed(0);
    expect(each.admits(5_000)).toBe(true);
    each.succeeded();
    expect([each.isOpen, each.admits(5_000), each.admits(5_000)]).toEqual([false, true, true]);
    each.failed(6_000);
    expect([each.admits(6_249), each.admits(6_250)]).toEqual([false, true]);
  });
});
