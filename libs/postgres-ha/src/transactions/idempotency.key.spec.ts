import { describe, expect, it } from '@jest/globals';
import { keyOf, type KeyedRequest } from './idempotency.key.js';

const request: KeyedRequest = {
  method: 'POST',
  route: '/products',
  path: '/products',
  body: { name: 'a', price: 1 },
  header: 'k1',
};
const fingerprint = (over: Partial<KeyedRequest>) => keyOf({ ...request, ...over }).fingerprint.toString('hex');

describe('keyOf', () => {
  it.each([
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    [' k ', 'k'],
    ['a\\b', 'a\\b'],
    ['"a\\\\b"', 'a\\b'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('reads %p', (header, key) => {
    expect(keyOf({ ...request, header })).toMatchObject({ scope: 'POST /products', key, isServerMade: false });
  });

  it.each([
    '',
    ' ',
    '""',
    '"open',
    'x'.repeat(256),
    'two words',
    'ümlaut',
    'a\u0000b',
    'a, b',
    'a"b',
    '"a b"',
    '"a"; b',
    '"a" "b"',
    '"a\\b"',
  ])('refuses %p', (header) => {
    expect(() => keyOf({ ...request, header })).toThrow(expect.objectContaining({ code: 'idempotency_key_malformed' }));
  });

  it('makes a key of its own, another one each time, where the client sent none', () => {
    const [first, second] = [keyOf({ ...request, header: undefined }), keyOf({ ...request, header: undefined })];
    expect(first.isServerMade).toBe(true);
    expect(first.key).not.toBe(second.key);
  });

  it('takes the same request for the same, whatever the order of its members', () => {
    expect(fingerprint({ body: { price: 1, name: 'a' } })).toBe(fingerprint({}));
  });

  it.each([
    ['another body', { body: { name: 'a', price: 2 } }],
    ['another path', { path: '/products/1' }],
    ['another method', { method: 'PUT' }],
    ['no body', { body: undefined }],
  ])('tells %s apart', (_, over) => {
    expect(fingerprint(over)).not.toBe(fingerprint({}));
  });
});
