// Decides for whom a commit waits, from Patroni's `synchronous_mode`.

/** @typedef {'quorum' | 'sync' | 'async'} Mode */

/** What Patroni's parse_bool() takes as true. It takes everything else as false. */
const on = ['on', 'true', 'yes', '1'];

/**
 * The mode of a live configuration (`GET /config`), read as Patroni reads it: `quorum` is a word, all others are booleans in
 * any of PostgreSQL's spellings, and upper case counts like lower case. So `off` is `async`.
 *
 * @param {{synchronous_mode?: unknown}} config
 * @returns {Mode}
 */
export function modeOf({ synchronous_mode: value }) {
  const word = String(value).toLowerCase();
  if (word === 'quorum') return 'quorum';
  return on.includes(word) ? 'sync' : 'async';
}

/**
 * The value of `synchronous_mode` for each mode.
 *
 * @type {Readonly<Record<Mode, string | boolean>>}
 */
export const settingOf = { quorum: 'quorum', sync: true, async: false };

/** @type {(text: string) => text is Mode} */
export const isMode = (text) => Object.hasOwn(settingOf, text);

/**
 * Whether the standbys have the roles that this mode gives them, however many there are.
 *
 * @param {Mode} mode
 * @param {readonly string[]} roles
 * @returns {boolean}
 */
export function rolesFit(mode, roles) {
  switch (mode) {
    case 'quorum':
      return roles.every((role) => role === 'quorum_standby');
    case 'sync':
      return roles.filter((role) => role === 'sync_standby').length === 1 && !roles.includes('quorum_standby');
    case 'async':
      return roles.every((role) => role === 'replica');
  }
}
