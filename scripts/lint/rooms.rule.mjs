// The rule `rooms/imports` of oxlint: an import that rooms.mjs does not list is an error, at the line where it stands.

import { posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { houseOf, rooms, specs } from './rooms.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A file of the tree, from the root, as it is written there: compiled names (`.js`) are those of TypeScript files. */
const asWritten = (path) => path.replace(/\.js$/, '.ts');

const isSpec = (file) => /\.spec\.(ts|mjs)$/.test(file);

/**
 * Why `file` (a path from the root) may not import `specifier`; undefined when it may. Packages are not looked at.
 *
 * @param {string} file
 * @param {string} specifier
 * @param {{ rooms: Record<string, string[]>, specs: Record<string, string[]> }} table
 * @returns {string | undefined}
 */
export function refusal(file, specifier, table = { rooms, specs }) {
  if (!specifier.startsWith('.')) return undefined;
  const room = posix.dirname(file);
  const target = posix.join(room, specifier);
  const targetRoom = posix.dirname(target);
  if (targetRoom === room) return undefined;
  for (const folder of [room, targetRoom]) {
    if (!(folder in table.rooms))
      return `${folder}/ has no row in scripts/lint/rooms.mjs: it imports nothing and is imported by nobody.`;
  }
  const allowed = [...table.rooms[room], ...(isSpec(file) ? (table.specs[houseOf(room)] ?? []) : [])];
  if (allowed.includes(targetRoom) || allowed.includes(asWritten(target))) return undefined;
  return `${room}/ may not import ${asWritten(target)}. scripts/lint/rooms.mjs lists for it: ${allowed.join(', ') || 'nothing'}.`;
}

const imports = {
  create(context) {
    const file = relative(root, context.filename).split(sep).join('/');
    const check = ({ source }) => {
      // No source: the file exports its own names. No value: the name is made at run time.
      if (typeof source?.value !== 'string') return;
      const message = refusal(file, source.value);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

export default { meta: { name: 'rooms' }, rules: { imports } };
