import { parseItem } from 'structured-headers';
import type { Completion, Operation } from '../history/operation.js';

/** Problem codes that prove that nothing was written and nothing will be. */
const nothingWritten = new Set([
  'database_unavailable',
  'write_queue_full',
  'row_locked',
  'database_busy',
  'validation_failed',
  'product_not_found',
  'idempotency_key_malformed',
  'idempotency_key_reused',
]);
/** Errors of connecting: no byte of the request was sent. */
const notSent = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'ENOTFOUND']);

/** An HTTP answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  readonly text: string;
}

/** What the client asked for. The key of a row is its name. */
export type Asked = Pick<Operation, 'action' | 'row' | 'key'>;

/** The outcome by the answer. A write counts as failed only if the answer proves that nothing was written. */
export function classifyAnswer(asked: Asked, answer: HttpAnswer): Completion {
  const { action, row } = asked;
  const { status, headers, text } = answer;
  const served = servedBy(headers.get('served-by'));
  const replayed = headers.get('idempotent-replayed') === 'true' ? { replayed: true } : {};
  const known = { httpStatus: status, ...served, ...replayed };
  if (status >= 200 && status < 300) {
    return { outcome: 'ok', ...known, ...(action === 'read' ? { value: readValue(asked, text) } : {}) };
  }
  const code = problemCode(text);
  if (action === 'read') {
    // That the row is not there is an answer, and no failure.
    if (code === 'product_not_found') return { outcome: 'ok', ...known, value: absent(row) };
    return { outcome: 'failed', errorClass: code ?? `http_${status}`, ...known };
  }
  const outcome = code !== undefined && nothingWritten.has(code) ? 'failed' : 'unknown';
  return { outcome, errorClass: code ?? `http_${status}`, ...known };
}

/** The outcome of a request that got no answer. */
export function classifyError(action: Operation['action'], error: unknown): Completion {
  const errorClass = errorWord(error);
  return { outcome: action === 'read' || notSent.has(errorClass) ? 'failed' : 'unknown', errorClass };
}

/** The outcome after one more attempt. If an earlier one may have written, it stays unknown though the last certainly failed. */
export const afterRetry = (before: Completion, now: Completion): Completion =>
  before.outcome === 'unknown' && now.outcome === 'failed' ? { ...now, outcome: 'unknown' } : now;

/** The word for an error. `fetch` hides the reason in `cause`. */
export function errorWord(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  if (cause !== undefined) return errorWord(cause);
  return typeof name === 'string' ? name : 'unknown';
}

const roles = ['leader', 'replica'] as const;

/** Reads `Served-By`, for example `patroni2; replica` or `patroni1; leader; fwd=behind`. */
function servedBy(header: string | null): Pick<Completion, 'member' | 'role'> {
  try {
    const [member, parameters] = parseItem(header ?? '');
    const role = roles.find((name) => parameters.has(name));
    return role === undefined ? {} : { member: member.toString(), role };
  } catch {
    return {};
  }
}

/** The value of the row that was asked for. After a loss its id may belong to another row: then it is not there. */
function readValue({ row, key }: Asked, text: string): number | null {
  const { name, price } = JSON.parse(text) as { name: string; price: number };
  if (name !== key) return absent(row);
  return row === 'unique' ? 1 : price;
}

const absent = (row: Operation['row']): 0 | null => (row === 'unique' ? 0 : null);

function problemCode(text: string): string | undefined {
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return typeof code === 'string' ? code : undefined;
  } catch {
    // HAProxy answers in HTML.
    return undefined;
  }
}
