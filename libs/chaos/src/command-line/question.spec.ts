import { expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { ask } from './question.js';

it.each<[string, string, string | undefined]>([
  ['the answer', ' shop \r', 'shop'],
  ['an empty answer', '\r', ''],
  ['nothing after Ctrl-C', '\x03', undefined],
  ['nothing after Ctrl-D', '\x04', undefined],
])('A question gives %s', async (_, keys, answer) => {
  const input = new PassThrough();
  const asked = ask('Its name? ', { input, output: new PassThrough() });
  input.write(keys);
  expect(await asked).toBe(answer);
});
