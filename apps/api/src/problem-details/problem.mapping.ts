import { HttpException } from '@nestjs/common';
import { PostgresHaError } from '../../../../libs/postgres-ha/src/index.js';
import { problems, type ProblemCode } from './problem.catalogue.js';
import { ProblemError } from './problem.error.js';

/** An RFC 9457 problem document with our `code`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly instance?: string;
  readonly requestId?: string;
  readonly [extension: string]: unknown;
}

const codesOfStatus: Readonly<Record<number, ProblemCode>> = {
  400: 'malformed_request',
  404: 'route_not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  414: 'path_too_long',
  415: 'unsupported_media_type',
};

/**
 * Turns whatever was thrown into a problem. Errors of the data layer keep their code; errors of the framework (bad JSON, unknown
 * route, body too large) get the code of their status; anything unknown becomes `internal_error`, and
 * the client sees nothing of it.
 */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof PostgresHaError) return fromDataLayer(error);
  const status = statusOf(error);
  const code = status === undefined ? undefined : codesOfStatus[status];
  if (code === undefined) return new ProblemError('internal_error', { cause: error });
  return new ProblemError(code, { cause: error, detail: (error as Error).message });
}

/** Details that only this service can add: the names of its variables, and the command that mends the lab. */
const hints: Partial<Record<ProblemCode, string>> = {
  database_access_refused: 'They are DB_USER, DB_PASSWORD and DB_NAME; in the lab, run scripts/lab up.',
};

function fromDataLayer(error: PostgresHaError): ProblemError {
  const { code, headers } = error;
  const detail = [error.detail, hints[code]].filter((part) => part !== undefined).join(' ');
  return new ProblemError(code, { headers, cause: error.cause ?? error, ...(detail === '' ? {} : { detail }) });
}

/** The document a client receives for `problem`. */
export function toDocument(problem: ProblemError, instance: string, requestId: string): ProblemDocument {
  return {
    type: `urn:pg-ha-lab:problem:${problem.code.replaceAll('_', '-')}`,
    title: problems[problem.code].title,
    status: problem.status,
    code: problem.code,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    instance,
    requestId,
    ...problem.extensions,
  };
}

/** Nest's HttpException and Fastify's own errors (`statusCode`) are the two shapes a framework error has. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const statusCode = error instanceof Error ? (error as Error & { statusCode?: unknown }).statusCode : undefined;
  return typeof statusCode === 'number' ? statusCode : undefined;
}
