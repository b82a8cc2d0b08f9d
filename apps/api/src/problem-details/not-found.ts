import type { ProblemCode } from './problem.catalogue.js';
import { ProblemError } from './problem.error.js';

type NameIn<Code> = Code extends `${infer Name}_not_found` ? Name : never;

/** A resource with an id, whose absence has a code in the catalogue. */
export type Resource = Exclude<NameIn<ProblemCode>, 'route'>;

/** @throws ProblemError `<resource>_not_found` */
export function notFound(resource: Resource, id: number): never {
  throw new ProblemError(`${resource}_not_found`, { detail: `There is no ${resource} ${id}.` });
}
