import { StandardSchemaValidationPipe } from '@nestjs/common';
import { ProblemError } from './problem.error.js';

/** Validates what a handler declares with `{ schema }`; every problem of the request is listed at once. */
export const validationPipe = () =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      new ProblemError('validation_failed', {
        extensions: {
          errors: issues.map(({ path = [], message }) => ({
            path: path.map((segment) => (typeof segment === 'object' ? segment.key : segment)).join('.'),
            message,
          })),
        },
      }),
  });
