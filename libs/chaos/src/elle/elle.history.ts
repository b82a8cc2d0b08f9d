import type { MemberState } from '../history/final.state.js';
import type { History, Operation } from '../history/operation.js';

/** A history for Elle's command line (`elle-cli`), in EDN: a line for each end of an operation. */
export interface ElleHistory {
  /** Its name without an ending: `rw-register`, `register-1`, `set`, `counter-1`. */
  readonly name: string;
  /** What `elle-cli --model` is told. */
  readonly model: 'rw-register' | 'cas-register' | 'set' | 'counter';
  readonly edn: string;
}

/** An operation as Jepsen has it: what was asked, and what came of it. */
interface Step {
  readonly f: 'txn' | 'write' | 'add' | 'read';
  readonly session: string;
  readonly invokedMs: number;
  readonly endedMs: number;
  readonly outcome: Operation['outcome'];
  /** In EDN. */
  readonly asked: string;
  readonly answered: string;
}

/**
 * A history as Elle and the checkers of Jepsen read it:
 *
 * - `rw-register`: registers, for Elle; each operation is a transaction of one read or write. Values are unique per register. One
 *   transaction reads all of them at the end.
 * - `register-N`: each register by itself, for Knossos, and its value at the end. Elle does not know the order of two values unless
 *   it is told that registers are linearizable, which elle-cli cannot say: a stale or lost value passes there, and not here.
 * - `set`: rows that are created once, each a number here, and one read of all of them at the end.
 * - `counter-N`: each counter by itself, and its value at the end.
 *
 * Reads that promise nothing (`replica`, `eventual`, `session`) are left out: these models want every read to show the newest state.
 * A model of which the history has no operation has no file.
 *
 * @param leader the rows at the end
 */
export function elleHistories(history: History, leader: MemberState): ElleHistory[] {
  const ordered = [...history].toSorted((a, b) => a.invokedMs - b.invokedMs || a.id - b.id);
  const judged = ordered.filter(({ action, consistency }) => action === 'write' || consistency === 'leader');
  const endMs = history.reduce((latest, { endedMs }) => Math.max(latest, endedMs), 0);
  const keysOf = (kind: Operation['row']) => [
    ...new Set(judged.flatMap(({ row, key }) => (row === kind ? [key] : []))),
  ];
  const histories: { name: string; model: ElleHistory['model']; steps: Step[] }[] = [
    { name: 'rw-register', model: 'rw-register', steps: transactionSteps(judged, keysOf('register'), leader, endMs) },
    ...keysOf('register').map((key, index) => ({
      name: `register-${index + 1}`,
      model: 'cas-register' as const,
      steps: registerSteps(judged, key, leader, endMs),
    })),
    { name: 'set', model: 'set', steps: setSteps(judged, leader, endMs) },
    ...keysOf('counter').map((key, index) => ({
      name: `counter-${index + 1}`,
      model: 'counter' as const,
      steps: counterSteps(judged, key, leader, endMs),
    })),
  ];
  return histories.flatMap(({ name, model, steps }) =>
    steps.length === 0 ? [] : [{ name, model, edn: ednOf(steps) }],
  );
}

const timesOf = ({ session, invokedMs, endedMs, outcome }: Operation) => ({ session, invokedMs, endedMs, outcome });

function transactionSteps(history: History, keys: readonly string[], { shared }: MemberState, endMs: number): Step[] {
  const part = (word: 'w' | 'r', key: string, what: number | null | undefined) =>
    `[:${word} ${text(key)} ${number(what)}]`;
  const transactions = history
    .filter(({ row }) => row === 'register')
    .map((operation): Step => {
      const { action, key, value } = operation;
      const written = `[${part('w', key, value)}]`;
      return action === 'write'
        ? { f: 'txn', ...timesOf(operation), asked: written, answered: written }
        : {
            f: 'txn',
            ...timesOf(operation),
            asked: `[${part('r', key, null)}]`,
            answered: `[${part('r', key, value)}]`,
          };
    });
  if (keys.length === 0) return [];
  const all = (valueOf: (key: string) => number | undefined) =>
    `[${keys.map((key) => part('r', key, valueOf(key))).join(' ')}]`;
  const atEnd = lastRead(
    all((key) => shared.get(key)),
    endMs,
  );
  return [...transactions, { ...atEnd, f: 'txn', asked: all(() => undefined) }];
}

/**
 * To Knossos a read of nil can have shown anything, so a register that is not there is 0 here, which a first write says.
 * Unknown operations whose value nobody read are left out: they change no answer, and each can double the time that Knossos takes.
 */
function registerSteps(history: History, key: string, { shared }: MemberState, endMs: number): Step[] {
  const operations = history.filter((operation) => operation.row === 'register' && operation.key === key);
  const atEnd = shared.get(key) ?? absent;
  const shown = new Set([
    atEnd,
    ...operations.flatMap(({ action, outcome, value }) => (action === 'read' && outcome === 'ok' ? [value] : [])),
  ]);
  const told = operations.filter(
    ({ action, outcome, value }) => outcome !== 'unknown' || (action === 'write' && shown.has(value)),
  );
  return [
    {
      f: 'write',
      session: 'nobody',
      invokedMs: 0,
      endedMs: 0,
      outcome: 'ok',
      asked: number(absent),
      answered: number(absent),
    },
    ...told.map((operation): Step => {
      const value = number(operation.value ?? absent);
      return operation.action === 'write'
        ? { f: 'write', ...timesOf(operation), asked: value, answered: value }
        : { f: 'read', ...timesOf(operation), asked: 'nil', answered: value };
    }),
    lastRead(number(atEnd), endMs),
  ];
}

/** The load writes 1 and more. */
const absent = 0;

function setSteps(history: History, { unique }: MemberState, endMs: number): Step[] {
  // Jepsen's checker of sets wants numbers.
  const elements = new Map<string, number>();
  const elementOf = (key: string): number => {
    const known = elements.get(key);
    if (known === undefined) elements.set(key, elements.size);
    return known ?? elements.size - 1;
  };
  // To the checker everything attempted may be there, a failed attempt too: without it, its row is one that nobody wrote.
  const adds = history
    .filter(({ row, action, outcome }) => row === 'unique' && action === 'write' && outcome !== 'failed')
    .map((operation): Step => {
      const element = String(elementOf(operation.key));
      return { f: 'add', ...timesOf(operation), asked: element, answered: element };
    });
  if (adds.length === 0) return [];
  const there = [...unique.keys()].map(elementOf).toSorted((a, b) => a - b);
  return [...adds, lastRead(`#{${there.join(' ')}}`, endMs)];
}

function counterSteps(history: History, key: string, { shared }: MemberState, endMs: number): Step[] {
  const steps = history
    .filter((operation) => operation.row === 'counter' && operation.key === key)
    .map((operation): Step => {
      const value = number(operation.value ?? 0);
      return operation.action === 'write'
        ? { f: 'add', ...timesOf(operation), asked: value, answered: value }
        : { f: 'read', ...timesOf(operation), asked: 'nil', answered: value };
    });
  return [...steps, lastRead(number(shared.get(key) ?? 0), endMs)];
}

/** The rows at the end, as one more read after everything else. */
const lastRead = (answered: string, endMs: number): Step => ({
  f: 'read',
  session: 'final state',
  invokedMs: endMs + 1,
  endedMs: endMs + 2,
  outcome: 'ok',
  asked: 'nil',
  answered,
});

const types = { ok: ':ok', failed: ':fail', unknown: ':info' } as const;

/**
 * Both ends of each step in the order of time. A process of Jepsen has one operation under way and never works again after one
 * whose outcome nobody knows: a session that does either continues as another process.
 */
function ednOf(steps: readonly Step[]): string {
  const events = steps
    .flatMap((step, id) => [
      { step, id, atMs: step.invokedMs, isEnd: false },
      { step, id, atMs: step.endedMs, isEnd: true },
    ])
    // An end comes before a beginning of the same time: its client may be the one that begins.
    .toSorted(
      (a, b) =>
        a.atMs - b.atMs || (a.id === b.id ? Number(a.isEnd) - Number(b.isEnd) : Number(b.isEnd) - Number(a.isEnd)),
    );
  const idle = new Map<string, number[]>();
  const processOf = new Map<number, number>();
  let processes = 0;
  const lines = events.map(({ step, id, atMs, isEnd }, index) => {
    const { f, session, outcome } = step;
    let process = processOf.get(id) ?? idle.get(session)?.pop();
    if (process === undefined) process = processes++;
    processOf.set(id, process);
    if (isEnd && outcome !== 'unknown') idle.set(session, [...(idle.get(session) ?? []), process]);
    const type = isEnd ? types[outcome] : ':invoke';
    const value = isEnd && outcome === 'ok' ? step.answered : step.asked;
    return `{:type ${type}, :f :${f}, :value ${value}, :process ${process}, :time ${Math.round(atMs * 1e6)}, :index ${index}}`;
  });
  return `${lines.join('\n')}\n`;
}

const text = (value: string): string => JSON.stringify(value);
const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'nil' : String(value);
