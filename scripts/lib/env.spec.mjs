import { describe, expect, it } from '@jest/globals';
import { cases, refused, unread } from './env.cases.mjs';
import { parseEnv } from './env.mjs';

describe('parseEnv', () => {
  it.each(cases)('reads %s as Compose does', (_, text, value) => expect(parseEnv(text).get('X')).toBe(value));

  it.each([...refused, ...unread])('refuses %s and names the line, not the value', (_, text) => {
    expect(() => parseEnv(`Y=1\n${text}`)).toThrow(/^line 2: (it is no|its quotes|its value|only \$NAME)/);
  });

  it('takes the environment before the file where a value refers to a variable', () => {
    expect(parseEnv('Y=file\nX=$Y', { Y: 'environment' }).get('X')).toBe('environment');
  });

  it.each([
    ['with a mark of byte order', '\uFEFFX=secret\n'],
    ['without', 'X=secret\n'],
  ])('refuses UTF-16, %s', (_, text) => {
    const read = Buffer.from(text, 'utf16le').toString('utf8');
    expect(() => parseEnv(read)).toThrow(/^line 1: it is no NAME=value$/);
  });
});
