import { deleteRows } from '../../../../libs/chaos/src/load/final.state.reader.js';
import { originOf } from '../../../../libs/cluster/src/lab.settings.js';
import type { Lab } from '../../../../libs/cluster/src/lab.js';
import { within } from '../../../../libs/cluster/src/wait.js';
import type { AlbumRaceCounts, OwnWriteCounts, SameKeyCounts } from '../../../../libs/live/src/lessons/lesson.js';
import type { Demonstration } from '../../../../libs/live/src/protocol.js';
import { cacheResultOf } from './cache.result.js';

const tries = 100;
const sameKeyTries = 20;
const replacements = 100;
const readers = 8;
const requestBoundMs = 35_000;
/** For what was written to be deleted, also once the demonstration was given up. */
const tidyBoundMs = 5_000;

interface Answer {
  readonly body: unknown;
  readonly headers: Headers;
}

/**
 * Asks the service for what a lesson shows, and counts. The rows are deleted afterwards.
 *
 * @param signal gives up
 * @throws Error when the service refuses, or was given up
 */
export async function demonstrate(
  lab: Lab,
  what: Demonstration,
  signal: AbortSignal,
): Promise<OwnWriteCounts | SameKeyCounts | AlbumRaceCounts> {
  const ask = asker(originOf(lab.settings, lab.settings.API_PORT), signal);
  switch (what) {
    case 'own-write':
      return ownWrite(lab, ask);
    case 'same-key':
      return sameKey(lab, ask);
    case 'album-race':
      return albumRace(ask);
  }
}

interface More {
  readonly body?: object;
  readonly token?: string | undefined;
  readonly key?: string;
  /** Instead of that of the demonstration. */
  readonly until?: AbortSignal;
}

type Ask = (method: string, path: string, more?: More) => Promise<Answer>;

const asker =
  (origin: string, signal: AbortSignal): Ask =>
  async (method, path, { body, token, key, until = signal } = {}) => {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { 'Consistency-Token': token }),
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([until, AbortSignal.timeout(requestBoundMs)]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
    return { body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  };

/** In an outage the rows stay: they are few, and nobody counts them. */
const tidy = (lab: Lab, prefix: string): Promise<void> =>
  within(tidyBoundMs, `the rows of ${prefix} are deleted`, deleteRows(lab, prefix)).catch(() => undefined);

interface Sightings {
  readonly replicaRead: { readonly found: boolean };
  readonly leaderRead: { readonly found: boolean };
  readonly tokenGuardedRead: { readonly found: boolean };
}

async function ownWrite(lab: Lab, ask: Ask): Promise<OwnWriteCounts> {
  const prefix = `chaos-own-${Date.now().toString(36)}`;
  const missed = { eventual: 0, session: 0, strong: 0 };
  try {
    for (let index = 0; index < tries; index += 1) {
      const body = { name: `${prefix}-${index}`, price: 1 };
      const seen = (await ask('POST', '/products/read-your-writes-demo', { body })).body as Sightings;
      missed.eventual += Number(!seen.replicaRead.found);
      missed.session += Number(!seen.tokenGuardedRead.found);
      missed.strong += Number(!seen.leaderRead.found);
    }
  } finally {
    await tidy(lab, prefix);
  }
  return { tries, missed };
}

async function sameKey(lab: Lab, ask: Ask): Promise<SameKeyCounts> {
  const key = `chaos-key-${Date.now().toString(36)}`;
  const rows = new Set<number>();
  let replayed = 0;
  try {
    for (let index = 0; index < sameKeyTries; index += 1) {
      const { body, headers } = await ask('POST', '/products', { body: { name: key, price: 1 }, key });
      rows.add((body as { id: number }).id);
      replayed += Number(headers.get('idempotent-replayed') === 'true');
    }
  } finally {
    await tidy(lab, key);
  }
  return { sent: sameKeyTries, rows: rows.size, replayed };
}

/** The writer numbers the titles, so that a reader can tell how old an answer is. */
async function albumRace(ask: Ask): Promise<AlbumRaceCounts> {
  const made = await ask('POST', '/albums', { body: { title: '0' } });
  const path = made.headers.get('location') ?? '';
  const counts = { writes: 0, reads: 0, hits: 0, refused: 0, oldHits: 0, oldReads: 0, ownMissed: 0 };
  let token = made.headers.get('consistency-token') ?? undefined;
  const writing = new AbortController();
  const titleOf = ({ body }: Answer) => Number((body as { title: string }).title);
  const read = async () => {
    while (!writing.signal.aborted) {
      const acknowledged = counts.writes;
      const answer = await ask('GET', path);
      const { isHit, isRefused } = cacheResultOf(answer.headers.get('cache-status') ?? '');
      const isOld = titleOf(answer) < acknowledged;
      counts.reads += 1;
      counts.hits += Number(isHit);
      counts.refused += Number(isRefused);
      counts.oldHits += Number(isHit && isOld);
      counts.oldReads += Number(!isHit && isOld);
    }
  };
  const reading = Promise.all(Array.from({ length: readers }, read));
  // Until it is awaited below, nobody else would take its error.
  reading.catch(() => undefined);
  try {
    for (let index = 1; index <= replacements; index += 1) {
      const written = await ask('PUT', path, { body: { title: String(index) }, token });
      counts.writes = index;
      token = written.headers.get('consistency-token') ?? token;
      const own = await ask('GET', path, { token });
      counts.ownMissed += Number(titleOf(own) < index);
    }
  } finally {
    writing.abort();
    await reading.catch(() => undefined);
    await ask('DELETE', path, { token, until: AbortSignal.timeout(tidyBoundMs) }).catch(() => undefined);
  }
  await reading;
  return counts;
}
