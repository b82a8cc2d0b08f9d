// Reads .env as Docker Compose does (https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax).
//   env.mjs FILE      prints NAME=value, a line each, without quotes; exit status 1 and one line, without any value, when it cannot be read
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** A line that Compose would refuse, too, or that means something it is not needed for here. */
export class UnreadableEnvError extends Error {
  /** @param {number} line @param {string} reason */
  constructor(line, reason) {
    super(`line ${line}: ${reason}`);
  }
}

const escapes = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '"': '"', '\\': '\\', $: '$' };
const assignment = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)$/;
const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?$/;

/**
 * The settings of a .env file: quotes, comments, `export`, CRLF and references to other variables mean what they mean to Compose.
 *
 * @param {string} text
 * @param {Readonly<Record<string, string | undefined>>} environment wins over the file wherever a value refers to a variable
 * @returns {Map<string, string>}
 * @throws {UnreadableEnvError} whose message holds no value
 */
export function parseEnv(text, environment = {}) {
  const settings = new Map();
  const lines = text.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, rest] = line.match(assignment) ?? [];
    if (name === undefined) throw new UnreadableEnvError(index + 1, 'it is no NAME=value');
    const lookUp = (/** @type {string} */ other) => environment[other] ?? settings.get(other);
    settings.set(name, valueOf(rest, lookUp, index + 1));
  }
  return settings;
}

function valueOf(rest, lookUp, line) {
  if (!/^["']/.test(rest)) return expand(rest.replace(/ #.*$/, '').trimEnd(), lookUp, line);
  const [, double, single] = rest.match(quoted) ?? [];
  if (single !== undefined) return single;
  if (double === undefined) throw new UnreadableEnvError(line, 'its quotes do not match, or something follows them');
  // A piece is an escape, or text without one.
  const pieces = double.match(/\\.|[^\\]+/g) ?? [];
  const value = pieces
    .map((piece) => (piece.startsWith('\\') ? (escapes[piece[1]] ?? piece) : expand(piece, lookUp, line)))
    .join('');
  if (value.includes('\n')) throw new UnreadableEnvError(line, 'its value has several lines');
  return value;
}

/** `$NAME`, `${NAME}`, and with a plain default `${NAME:-…}` and `${NAME-…}`; `$$` is a dollar. */
function expand(value, lookUp, line) {
  return value.replace(
    /\$(?:(\$)|\{([A-Za-z_]\w*)(?:(:?-)([^}$]*))?\}|(\{)|([A-Za-z_]\w*))/g,
    (_, dollar, braced, operator, otherwise, other, plain) => {
      if (dollar) return dollar;
      if (other) throw new UnreadableEnvError(line, 'only $NAME, ${NAME} and ${NAME:-default} are read here');
      const found = lookUp(braced ?? plain);
      return found === undefined || (operator === ':-' && found === '') ? (otherwise ?? '') : found;
    },
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const settings = parseEnv(readFileSync(process.argv[2], 'utf8'), process.env);
    for (const [name, value] of settings) console.log(`${name}=${value}`);
  } catch (error) {
    console.error(`lab: ${process.argv[2]} cannot be read: ${error.message}`);
    process.exitCode = 1;
  }
}
