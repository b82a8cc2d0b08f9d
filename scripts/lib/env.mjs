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

const escapes = { n: '\n', r: '\r', t: '\t' };
const assignment = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:=|:\s)\s*(.*)$/;
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
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
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
  if (!/^["']/.test(rest)) return expand(rest.replace(/(^|\s)#.*$/, '').trimEnd(), lookUp);
  const [, double, single] = rest.match(quoted) ?? [];
  if (single !== undefined) return single;
  if (double === undefined) throw new UnreadableEnvError(line, 'its quotes do not match, or something follows them');
  const value = expand(double, lookUp).replace(/\\(.)/g, (_, character) => escapes[character] ?? character);
  if (value.includes('\n')) throw new UnreadableEnvError(line, 'its value has several lines');
  return value;
}

/** `$NAME`, `${NAME}`, and with a default `${NAME:-…}` and `${NAME-…}`; `\$` stays a dollar. */
function expand(value, lookUp) {
  return value.replace(
    /\\\$|\$(?:\{(\w+)(?:(:?-)([^}]*))?\}|([A-Za-z_]\w*))/g,
    (whole, braced, operator, otherwise, plain) => {
      if (whole === '\\$') return '$';
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
