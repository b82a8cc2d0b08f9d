import { expect, it } from '@jest/globals';
import { CollectorOutage, type OutageLine } from './tracing.outage.js';

it('says that traces are lost and that they are delivered again, each once', () => {
  const lines: OutageLine[] = [];
  const outage = new CollectorOutage((line) => lines.push(line));
  const refused = Object.assign(new Error(''), { code: 'ECONNREFUSED' });
  for (const error of [undefined, refused, refused, undefined, undefined, new Error('Timeout')]) outage.exported(error);

  expect(lines).toEqual([
    { event: 'traces_lost', reason: 'ECONNREFUSED' },
    { event: 'traces_resumed' },
    { event: 'traces_lost', reason: 'Timeout' },
  ]);
});
