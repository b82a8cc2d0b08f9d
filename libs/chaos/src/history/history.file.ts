import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { finalLineSchema, type FinalState, type MemberState, noLeader } from './final.state.js';
import { operationSchema, type Operation } from './operation.js';

/** A line of a history or final state is not of the format that this program knows. */
export class HistoryFormatError extends Error {
  constructor(path: string, line: number, cause: unknown) {
    super(`${path}, line ${line}: not a record of this format`, { cause });
    this.name = 'HistoryFormatError';
  }
}

async function* records<Schema extends z.ZodType>(path: string, schema: Schema): AsyncGenerator<z.infer<Schema>> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line === '') continue;
    try {
      yield schema.parse(JSON.parse(line));
    } catch (error) {
      throw new HistoryFormatError(path, number, error);
    }
  }
}

/**
 * Reads a whole history. Each session, key and member name is kept in memory once, however often it occurs.
 *
 * @throws HistoryFormatError on a line that is no operation, also on an incomplete last one: a history without its end proves
 * nothing
 */
export async function readHistory(path: string): Promise<Operation[]> {
  const words = new Map<string, string>();
  const once = (word: string): string => {
    const known = words.get(word);
    if (known === undefined) words.set(word, word);
    return known ?? word;
  };
  const history: Operation[] = [];
  for await (const operation of records(path, operationSchema)) {
    operation.session = once(operation.session);
    operation.key = once(operation.key);
    if (operation.member !== undefined) operation.member = once(operation.member);
    if (operation.errorClass !== undefined) operation.errorClass = once(operation.errorClass);
    history.push(operation);
  }
  return history;
}

function* finalLines({ members, unreadable }: FinalState): Generator<z.infer<typeof finalLineSchema>> {
  for (const { member, role, timeline, unique, shared } of members) {
    yield { member, role, timeline };
    for (const [key, count] of unique) yield { unique: key, count };
    for (const [key, value] of shared) yield { shared: key, value };
  }
  for (const { member, reason } of unreadable) yield { unreadable: member, reason };
}

/** Writes a final state as JSONL. */
export async function writeFinalState(path: string, state: FinalState): Promise<void> {
  await writeFile(
    path,
    (function* () {
      for (const line of finalLines(state)) yield `${JSON.stringify(line)}\n`;
    })(),
  );
}

/**
 * Reads a final state. Where no member could be read, its leader is {@link noLeader}.
 *
 * @throws HistoryFormatError on an unknown line, a row before any member, or members without a leader
 */
export async function readFinalState(path: string): Promise<FinalState> {
  const members: (MemberState & { unique: Map<string, number>; shared: Map<string, number> })[] = [];
  const unreadable: { member: string; reason: string }[] = [];
  for await (const line of records(path, finalLineSchema)) {
    const current = members.at(-1);
    if ('member' in line) members.push({ ...line, unique: new Map(), shared: new Map() });
    else if ('unreadable' in line) unreadable.push({ member: line.unreadable, reason: line.reason });
    else if (current === undefined) throw new HistoryFormatError(path, 1, 'a row before any member');
    else if ('unique' in line) current.unique.set(line.unique, line.count);
    else current.shared.set(line.shared, line.value);
  }
  const noneRead = members.length === 0 && unreadable.length > 0;
  const leader = noneRead ? noLeader : members.find(({ role }) => role === 'leader');
  if (leader === undefined) throw new HistoryFormatError(path, 1, 'no leader');
  return { leader, members, unreadable };
}
