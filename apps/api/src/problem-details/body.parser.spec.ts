import { describe, expect, it } from '@jest/globals';
import { decodeBody } from './body.parser.js';

const decode = (headers: Record<string, string>, body: string | Uint8Array = '{}') =>
  decodeBody(headers, typeof body === 'string' ? Buffer.from(body) : body);

describe('decodeBody', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON; charset="utf8"',
    'application/json; profile=any',
  ])('reads %p', (type) => expect(decode({ 'content-type': type })).toBe('{}'));

  it.each([
    ['application/json; charset=utf-16', 'unsupported_media_type'],
    ['application/json; charset=latin1', 'unsupported_media_type'],
    ['application/json; charset=iso-8859-1', 'unsupported_media_type'],
    ['application/json; charset=us-ascii', 'unsupported_media_type'],
    ['application/json; charset=utf-16le', 'unsupported_media_type'],
    ['application/json5', 'unsupported_media_type'],
    ['multipart/form-data; boundary=x', 'unsupported_media_type'],
    ['application/merge-patch+json', 'unsupported_media_type'],
    ['application/x-www-form-urlencoded', 'unsupported_media_type'],
    ['text/plain', 'unsupported_media_type'],
    ['nonsense', 'unsupported_media_type'],
    ['', 'unsupported_media_type'],
  ])('refuses the type %p', (type, code) => expect(decode({ 'content-type': type })).toMatchObject({ code }));

  it.each([
    ['identity', '{}'],
    ['Identity', '{}'],
    ['gzip', { code: 'unsupported_content_encoding', headers: { 'Accept-Encoding': 'identity' } }],
    ['deflate', { code: 'unsupported_content_encoding' }],
    ['br', { code: 'unsupported_content_encoding' }],
    ['zstd', { code: 'unsupported_content_encoding' }],
    ['x-gzip', { code: 'unsupported_content_encoding' }],
    ['aws-chunked', { code: 'unsupported_content_encoding' }],
    ['gzip, identity', { code: 'unsupported_content_encoding' }],
  ])('of the encoding %p: %p', (encoding, expected) => {
    const decoded = decode({ 'content-type': 'application/json', 'content-encoding': encoding });
    if (typeof expected === 'string') expect(decoded).toBe(expected);
    else expect(decoded).toMatchObject(expected);
  });

  it('takes the byte order mark away', () => {
    expect(decode({ 'content-type': 'application/json' }, '\ufeff{}')).toBe('{}');
  });

  it('refuses bytes that are not UTF-8 instead of storing a replacement for them', () => {
    const latin1 = Buffer.from('{"name":"é"}', 'latin1');
    expect(decode({ 'content-type': 'application/json' }, latin1)).toMatchObject({ code: 'malformed_request' });
  });
});
