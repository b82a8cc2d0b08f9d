import { MIMEType } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from './problem.error.js';

/** The headers that say what the bytes of a body mean. */
export interface BodyHeaders {
  readonly 'content-type'?: string | undefined;
  readonly 'content-encoding'?: string | undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Spellings of UTF-8 that clients send; without a charset JSON is UTF-8 (RFC 8259, 8.1). */
const charsetsOfUtf8 = new Set(['utf-8', 'utf8']);

/**
 * Parses every body, whatever its type: JSON in UTF-8, with or without a byte order mark. When the body is empty, its headers are
 * ignored: some clients send `Content-Type` with every request.
 */
export function parseBodies(app: NestFastifyApplication, bodyLimit: number): void {
  const fastify = app.getHttpAdapter().getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit }, (request: FastifyRequest, body: Buffer, done) => {
    // An unknown path is answered with 404, whatever its body is.
    if (body.length === 0 || request.is404) return done(null, undefined);
    const text = decodeBody(request.headers, body);
    return text instanceof ProblemError ? done(text) : parseJson(request, text, done);
  });
}

/** The text of a body, or the problem with which it is refused. */
export function decodeBody(headers: BodyHeaders, body: Uint8Array): string | ProblemError {
  return refuseEncoding(headers) ?? refuseType(headers) ?? decode(body);
}

function refuseEncoding({ 'content-encoding': encoding = 'identity' }: BodyHeaders): ProblemError | undefined {
  if (encoding.trim().toLowerCase() === 'identity') return undefined;
  // RFC 9110, 15.5.16: the header names an encoding that is accepted.
  return new ProblemError('unsupported_content_encoding', { headers: { 'Accept-Encoding': 'identity' } });
}

function refuseType({ 'content-type': type = '' }: BodyHeaders): ProblemError | undefined {
  const refused = (detail: string) => new ProblemError('unsupported_media_type', { detail });
  const { essence, charset } = parseType(type);
  if (essence !== 'application/json') return refused('The Content-Type of a body is application/json.');
  return charsetsOfUtf8.has(charset) ? undefined : refused('The charset of a body is utf-8.');
}

function parseType(type: string): { readonly essence?: string; readonly charset: string } {
  try {
    const { essence, params } = new MIMEType(type);
    return { essence, charset: params.get('charset')?.toLowerCase() ?? 'utf-8' };
  } catch {
    return { charset: '' };
  }
}

function decode(body: Uint8Array): string | ProblemError {
  try {
    return utf8.decode(body);
  } catch (cause) {
    return new ProblemError('malformed_request', { detail: 'The body is not UTF-8.', cause });
  }
}
