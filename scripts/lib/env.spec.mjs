import { describe, expect, it } from '@jest/globals';
import { cases, refused } from './env.cases.mjs';
import { parseEnv } from './env.mjs';

describe('parseEnv', () => {
  it.each(cases)('reads %s as Compose does', (_, text, value) => expect(parseEnv(text).get('X')).toBe(value));

  it.each(refused)('refuses %s and names the line, not the value', (_, text) => {
    expect(() => parseEnv(`Y=1\n${text}`)).toThrow(/^line 2: [^"]*$/);
  });

  it('takes the environment before the file where a value refers to a variable', () => {
    expect(parseEnv('Y=file\nX=$Y', { Y: 'environment' }).get('X')).toBe('environment');
  });

  it('ignores the mark that some Windows editors put at the start', () => {
    expect(parseEnv('\uFEFFX=a').get('X')).toBe('a');
  });
});
