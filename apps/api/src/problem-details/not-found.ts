import type { ProblemCode } from './problem.catalogue.js';
import { ProblemError } from './problem.error.js';

type NameIn<Code> = Code extends `${infer Name}_not_found` ? Name : never;

/** A thing with an id, whose absence has a code in the catalogue. */
export type Thing = Exclude<NameIn<ProblemCode>, 'route'>;

/** @throws ProblemError `<thing>_not_found` */
export function notFound(thing: Thing, id: number): never {
  throw new ProblemError(`${thing}_not_found`, { detail: `There is no ${thing} ${id}.` });
}
