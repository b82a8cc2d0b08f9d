import type { ReadonlySignal } from '@preact/signals';
import type { Demonstrated } from '../../../../libs/live/src/lessons/lesson.js';
import type { Demonstration } from '../../../../libs/live/src/protocol.js';
import { Fact } from '../parts/fact.js';

type Rows = readonly (readonly [name: string, count: number])[];

/** What a demonstration has counted; nothing before it was done. */
export function DemonstrationCounts({ what, counted }: { what: Demonstration; counted: ReadonlySignal<Demonstrated> }) {
  const rows = rowsOf(what, counted.value);
  if (rows.length === 0) return null;
  return (
    <dl class="facts">
      {rows.map(([name, count]) => (
        <Fact key={name} name={name} value={String(count)} />
      ))}
    </dl>
  );
}

function rowsOf(what: Demonstration, { ownWrite, sameKey, albumRace }: Demonstrated): Rows {
  switch (what) {
    case 'own-write':
      if (ownWrite === null) return [];
      return [
        ['rows written and read at once', ownWrite.tries],
        ['not found without a token', ownWrite.missed.eventual],
        ['not found with the token', ownWrite.missed.session],
        ['not found on the leader', ownWrite.missed.strong],
      ];
    case 'same-key':
      if (sameKey === null) return [];
      return [
        ['requests with one key', sameKey.sent],
        ['rows that were written', sameKey.rows],
        ['answers that were replayed', sameKey.replayed],
      ];
    case 'album-race':
      if (albumRace === null) return [];
      return [
        ['replacements acknowledged', albumRace.writes],
        ['reads answered', albumRace.reads],
        ['of these from the cache', albumRace.hits],
        ['not kept by the cache', albumRace.refused],
        ['hits that were too old', albumRace.oldHits],
        ['database reads that were too old', albumRace.oldReads],
        ['own replacement not read', albumRace.ownMissed],
      ];
  }
}
