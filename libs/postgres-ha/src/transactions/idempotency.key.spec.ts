import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isSameRequest, keyOf, type KeyedRequest } from './idempotency.key.js';

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

  it('makes a new key for each request without one', () => {
    const [first, second] = [keyOf({ ...request, header: undefined }), keyOf({ ...request, header: undefined })];
    expect(first.isServerMade).toBe(true);
    expect(first.key).not.toBe(second.key);
  });

  it('gives two requests the same fingerprint when only the order of their members differs', () => {
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

  it('accepts a body that RFC 8785 cannot write', () => {
    const half = { name: 'a\ud800' };
    expect(fingerprint({ body: half })).toBe(fingerprint({ body: { ...half } }));
    expect(fingerprint({ body: half })).not.toBe(fingerprint({ body: { name: 'a\udfff' } }));
  });
});

describe('A stored fingerprint', () => {
  const own = keyOf(request).fingerprint;
  const other = keyOf({ ...request, body: { name: 'b', price: 1 } }).fingerprint;
  /** Of `request`, as it was stored before fingerprints had a version. */
  const unversioned = Buffer.from('347a03f755e1dbbddf55bd60cf87f7853d97605bf20b614998493f9f04ef28d0', 'hex');

  it.each([
    ['is the same for the same request', own, own, true],
    ['is another for another request', other, own, false],
    ['without a version is the same for the same request', unversioned, own, true],
    ['without a version is another for another request', unversioned, other, false],
    ['of a version that is not known here proves nothing', Buffer.of(2, 1, 2, 3), own, true],
  ])('%s', (_, stored, now, expected) => {
    expect(isSameRequest(stored, now)).toBe(expected);
  });

  it('is version 1: SHA-256 over the form of RFC 8785, which sorts numbers as text', () => {
    const text = '["PUT","/a",{"10":1e+21,"9":"\u20ac","b":[null,{}]}]';
    const digest = createHash('sha256').update(text).digest();
    const body = { b: [null, {}], 9: '€', 10: 1e21 };
    expect(keyOf({ ...request, method: 'PUT', path: '/a', body }).fingerprint).toEqual(
      Buffer.concat([Buffer.of(1), digest]),
    );
  });
});
