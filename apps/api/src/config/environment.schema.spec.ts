import { describe, expect, it } from '@jest/globals';
import { InvalidEnvironmentError, parseEnvironment } from './environment.schema.js';

const minimal = { DB_PASSWORD: 'secret', CONSISTENCY_TOKEN_SECRET: 's'.repeat(32) };

describe('parseEnvironment', () => {
  it('fills the defaults of the lab', () => {
    expect(parseEnvironment(minimal)).toMatchObject({
      PORT: 3000,
      DB_WRITE_PORT: 5000,
      DB_READ_PORT: 5001,
      PATRONI_URLS: ['http://127.0.0.1:8008', 'http://127.0.0.1:8009', 'http://127.0.0.1:8010'],
    });
  });

  it('splits the Patroni URLs and drops trailing slashes', () => {
    const { PATRONI_URLS } = parseEnvironment({ ...minimal, PATRONI_URLS: 'http://a:8008/, http://b:8008' });
    expect(PATRONI_URLS).toEqual(['http://a:8008', 'http://b:8008']);
  });

  it('takes the word none for a cluster without Patroni', () => {
    expect(parseEnvironment({ ...minimal, PATRONI_URLS: 'none' }).PATRONI_URLS).toEqual([]);
  });

  it('takes an empty variable for an absent one', () => {
    expect(parseEnvironment({ ...minimal, PORT: '' }).PORT).toBe(3000);
  });

  it.each([
    ['DB_PASSWORD', {}, 'is required'],
    [
      'CONSISTENCY_TOKEN_SECRET',
      { ...minimal, CONSISTENCY_TOKEN_SECRET: 'x' },
      'must be at least 32 character(s) long',
    ],
    ['PORT', { ...minimal, PORT: 'abc' }, 'must be a number'],
    ['PORT', { ...minimal, PORT: '70000' }, 'must be at most 65535'],
    ['PORT', { ...minimal, PORT: '1.5' }, 'must be a whole number'],
    ['LOG_LEVEL', { ...minimal, LOG_LEVEL: 'loud' }, 'must be one of fatal'],
    ['PATRONI_URLS', { ...minimal, PATRONI_URLS: 'ftp://a' }, 'must be a valid url'],
    ['DB_READ_POOL_SIZE', { ...minimal, DB_READ_POOL_SIZE: '1' }, 'must be at least 2'],
  ])('refuses a bad %s', (name, source, words) => {
    expect(() => parseEnvironment(source)).toThrow(`${name}: ${words}`);
  });

  it('lists every problem at once and shows no value', () => {
    let caught: unknown;
    try {
      parseEnvironment({ PORT: 'hunter2', LOG_LEVEL: 'hunter2', PATRONI_URLS: 'hunter2' });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidEnvironmentError);
    expect((caught as InvalidEnvironmentError).problems).toHaveLength(5);
    expect((caught as Error).message).not.toContain('hunter2');
  });
});
