// Writes the table of rooms into docs/architecture.md: node scripts/lint/rooms.docs.mjs

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { houseOf, rooms } from './rooms.mjs';

export const page = fileURLToPath(new URL('../../docs/architecture.md', import.meta.url));
const begin = '<!-- rooms: written by scripts/lint/rooms.docs.mjs -->\n';
const end = '<!-- end of rooms -->';

/** `text` with the table as it is now between its two marks. */
export function withRooms(text) {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to === -1)
    throw new Error('docs/architecture.md has lost the marks between which the rooms stand.');
  return text.slice(0, from + begin.length) + roomsAsMarkdown() + text.slice(to);
}

/** One list for each app and library; what belongs to it is named from its folder. */
function roomsAsMarkdown() {
  const lines = [];
  let house;
  for (const [room, allowed] of Object.entries(rooms)) {
    if (houseOf(room) !== house) {
      house = houseOf(room);
      lines.push('', `**${house}**`, '');
    }
    const short = (path) => `\`${path.startsWith(`${house}/`) ? path.slice(house.length + 1) : path}\``;
    lines.push(`- ${short(room)} → ${allowed.map(short).join(', ') || 'nothing'}`);
  }
  return `${lines.join('\n')}\n\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(page, withRooms(await readFile(page, 'utf8')));
}
