import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import { type Target, targetSchema } from './target.schema.js';

/** A target file cannot be used. Each line of the message names a line of the file, what is wrong there, and what belongs there. */
export class TargetFileError extends Error {
  override readonly name = 'TargetFileError';
}

/**
 * Reads a target file, in YAML or JSON.
 *
 * @throws TargetFileError
 */
export async function readTarget(path: string): Promise<Target> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new TargetFileError(`${path} cannot be read: ${cause.message}`, { cause });
  });
  return parseTarget(path, text);
}

/**
 * Reads the text of a target file.
 *
 * @param path names the file in errors
 * @throws TargetFileError
 */
export function parseTarget(path: string, text: string): Target {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => `${path}, line ${lines.linePos(offset).line}`;
  if (document.errors.length > 0)
    throw new TargetFileError(document.errors.map(({ message, pos }) => `${at(pos[0])}: ${message}`).join('\n'));
  const parsed = targetSchema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const { path: field, message } = innermost(issue);
    return `${at(offsetOf(document, field))}: ${field.length === 0 ? '' : `${field.map(String).join('.')}: `}${message}`;
  });
  throw new TargetFileError(problems.join('\n'));
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is wrong, in our words where there are some: zod's own are about types, and those of a union say only that nothing fits. */
function innermost(issue: z.core.$ZodIssue): Problem {
  const { path, message } = issue;
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat().find(({ code }) => code === 'custom');
    return inner === undefined ? issue : { path: [...path, ...inner.path], message: inner.message };
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { path: [...path, key], message: 'is not known here; `postgres-ha-judge target schema` prints what is' };
  }
  return { path, message: message.endsWith('received undefined') ? 'is missing' : message };
}

/** Where the value of a path is; where it is missing, what it is missing from. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as Node | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}
