import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest, HTTPMethods } from 'fastify';
import { decodeBody, parseBodies } from './body.parser.js';

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

  it('removes the byte order mark', () => {
    expect(decode({ 'content-type': 'application/json' }, '\ufeff{}')).toBe('{}');
  });

  it('refuses bytes that are not UTF-8 instead of storing a replacement for them', () => {
    const latin1 = Buffer.from('{"name":"é"}', 'latin1');
    expect(decode({ 'content-type': 'application/json' }, latin1)).toMatchObject({ code: 'malformed_request' });
  });
});

@Module({})
class Nothing {}

describe('A client that sends a Content-Type with every request', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(Nothing, new FastifyAdapter(), { logger: false });
    parseBodies(app, 1_000);
    app
      .getHttpAdapter()
      .getInstance()
      .route({
        method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
        url: '/thing',
        handler: ({ body = 'none' }: FastifyRequest) => Promise.resolve({ body }),
      });
    await app.init();
  });
  afterAll(() => app.close());

  const send = (method: HTTPMethods, payload: string | undefined, headers: Record<string, string> = {}) =>
    app.inject({
      method: method as 'GET',
      url: '/thing',
      headers: { 'content-type': 'application/json', ...headers },
      ...(payload === undefined ? {} : { payload }),
    });

  it.each([
    ['DELETE without a body', 'DELETE', undefined, {}],
    ['DELETE of length 0', 'DELETE', '', { 'content-length': '0' }],
    ['PUT of length 0', 'PUT', '', { 'content-length': '0' }],
    ['POST of length 0, compressed', 'POST', '', { 'content-length': '0', 'content-encoding': 'gzip' }],
    ['GET', 'GET', undefined, {}],
    ['GET with a body', 'GET', '{}', {}],
    ['GET with a body that is no JSON', 'GET', '{', {}],
  ] as const)('is taken at what it sends besides: %s', async (_, method, payload, headers) => {
    const { statusCode, body } = await send(method, payload, headers);
    expect([statusCode, body]).toEqual([200, '{"body":"none"}']);
  });

  it('may send HEAD', async () => expect((await send('HEAD', undefined)).statusCode).toBe(200));

  it.each([
    ['JSON', 'POST', '{"a":1}', 200],
    ['no JSON', 'POST', '{', 400],
    ['no JSON with DELETE', 'DELETE', '{', 400],
    ['blanks', 'POST', ' ', 400],
  ] as const)('has its body read where there is one: %s', async (_, method, payload, status) => {
    expect((await send(method, payload)).statusCode).toBe(status);
  });
});
