import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultMarks, faultsAfter, marksOf } from './fault.marks.js';

describe('The faults that are on', () => {
  it.each([
    ['begin with their injection', [], { kind: 'fault', detail: 'zombie' }, ['zombie']],
    ['are each once', ['zombie'], { kind: 'fault', detail: 'zombie' }, ['zombie']],
    ['may be two', ['zombie'], { kind: 'fault', detail: 'api-kill' }, ['zombie', 'api-kill']],
    ['all end when everything is healed', ['zombie', 'api-kill'], { kind: 'healed' }, []],
    ['end one by one in a soak', ['zombie', 'api-kill'], { kind: 'healed', detail: 'zombie' }, ['api-kill']],
    ['do not end with a failover', ['zombie'], { kind: 'promoted' }, ['zombie']],
  ] as const)('%s', (_, active, event, expected) => {
    expect(faultsAfter(active, event)).toEqual(expected);
  });
});

it('tells Prometheus which faults are on, and which have ended', () => {
  const mark = (fault: string, value: number) => ({
    labels: { __name__: 'pgha_fault_active', fault, job: 'chaos' },
    value,
    atMs: 123,
  });

  expect(marksOf(['zombie', 'edge-cut'], ['edge-cut', 'api-kill'], 123)).toEqual([
    mark('zombie', 0),
    mark('edge-cut', 1),
    mark('api-kill', 1),
  ]);
});

it.each([
  ['nothing where Prometheus takes the marks', 204, []],
  ['once why it does not', 404, ['Prometheus does not mark the faults of this run: Error: it answers 404']],
])('says %s', async (_, status, expected) => {
  let asked = 0;
  const prometheus = createServer((request, response) => {
    asked += 1;
    request.resume();
    response.writeHead(status).end(status === 204 ? undefined : 'remote write receiver needs to be enabled');
  }).listen(0, '127.0.0.1');
  try {
    await once(prometheus, 'listening');
    const said: string[] = [];
    const { port } = prometheus.address() as AddressInfo;
    const marks = new FaultMarks(`http://127.0.0.1:${port}`, (line) => said.push(line));
    marks.see({ atMs: 1, kind: 'fault', source: 'chaos', detail: 'zombie' });
    await marks.close();
    expect({ asked, said }).toEqual({ asked: 2, said: expected });
  } finally {
    prometheus.closeAllConnections();
    prometheus.close();
  }
});
