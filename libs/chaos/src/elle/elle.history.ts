import type { MemberState } from '../history/final.state.js';
import type { History, Operation } from '../history/operation.js';

/** A history for Elle's command line (`elle-cli`), in EDN: a line for each end of an operation. */
export interface ElleHistory {
  /** Its name without an ending: `rw-register`, `set`, `counter-1`. */
  readonly name: string;
  /** What `elle-cli --model` is told. */
  readonly model: 'rw-register' | 'set' | 'counter';
  readonly edn: string;
}

/** An operation as Jepsen has it: what was asked, and what came of it. */
interface Step {
  readonly f: 'txn' | 'add' | 'read';
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
 * - `rw-register`: registers; each operation is a transaction of one read or write. Values are unique per register.
 * - `set`: rows that are created once, each a number here, and one read of all of them at the end.
 * - `counter-N`: each counter by itself.
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
  const counters = [...new Set(judged.flatMap(({ row, key }) => (row === 'counter' ? [key] : [])))];
  const histories: { name: string; model: ElleHistory['model']; steps: Step[] }[] = [
    { name: 'rw-register', model: 'rw-register', steps: registerSteps(judged) },
    { name: 'set', model: 'set', steps: setSteps(judged, leader, endMs) },
    ...counters.map((key, index) => ({
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

const registerSteps = (history: History): Step[] =>
  history
    .filter(({ row }) => row === 'register')
    .map((operation) => {
      const { action, key, value } = operation;
      const transaction = (word: string, what: string) => `[[:${word} ${text(key)} ${what}]]`;
      const written = transaction('w', number(value));
      return action === 'write'
        ? { f: 'txn', ...timesOf(operation), asked: written, answered: written }
        : {
            f: 'txn',
            ...timesOf(operation),
            asked: transaction('r', 'nil'),
            answered: transaction('r', number(value)),
          };
    });

function setSteps(history: History, { unique }: MemberState, endMs: number): Step[] {
  // Jepsen's checker of sets wants numbers.
  const elements = new Map<string, number>();
  const elementOf = (key: string): number => {
    const known = elements.get(key);
    if (known === undefined) elements.set(key, elements.size);
    return known ?? elements.size - 1;
  };
  const adds = history
    .filter(({ row, action }) => row === 'unique' && action === 'write')
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
