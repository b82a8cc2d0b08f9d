import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemCode } from './problem.catalogue.js';
import { ProblemError } from './problem.error.js';
import { toDocument, toProblem } from './problem.mapping.js';

const problemType = 'application/problem+json; charset=utf-8';

/** Answers a request with the document of `problem`. */
export function sendProblem(problem: ProblemError, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .status(problem.status)
    .headers({ ...problem.headers, 'Content-Type': problemType })
    .send(JSON.stringify(toDocument(problem, request.url, request.id)));
}

/** Answers a path that the router cannot read, which does not reach the filter. */
export function answerUnroutable(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { code } = toProblem(error);
  // The message of the router would repeat the whole path.
  sendProblem(new ProblemError(code, { cause: error }), request, reply);
}

/** Problems by the code of Node's HTTP parser; any other code means a malformed request. */
const codesOfParser: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Bytes that are no HTTP request have no reply object, so the answer is written to the socket, which is then closed. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new ProblemError(codesOfParser[error.code ?? ''] ?? 'malformed_request');
  const { instance: _, ...document } = toDocument(problem, '', randomUUID());
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${problemType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
