import { startLoad } from './checks.js';
import type { AlbumRaceCounts, Check, Lesson } from './lesson.js';

const afterRace = (says: string, holds: (race: AlbumRaceCounts) => boolean): Check => ({
  says,
  holds: ({ demonstrated: { albumRace } }) => (albumRace === null ? undefined : holds(albumRace)),
});

export const oldRowInCache: Lesson = {
  id: 'old-row-in-cache',
  title: 'Why the cache may not keep an old row',
  minutes: 3,
  about:
    'A replica that shows an old row is right a moment later; a cache that has kept that row is wrong until it forgets it.',
  steps: [
    startLoad('Start the load, so that the replicas have something to replay.'),
    {
      text:
        'Albums are cached in Redis for 60 s. To remove an entry when its album changes is not enough. A read may have begun before, on a ' +
        'replica that does not show the change yet; its answer comes after the removal, is kept, and is wrong for 60 s.',
    },
    {
      text:
        'Now make it happen: one album is replaced again and again, while others read it without a token. Say first: will a read that is ' +
        'answered from the cache ever show less than what was acknowledged before it was sent?',
      does: { kind: 'demonstrate', what: 'album-race' },
      check: afterRace(
        'The album was replaced while it was read, and some reads were answered from the cache.',
        ({ writes, hits }) => writes > 0 && hits > 0,
      ),
    },
    {
      text:
        'Before its COMMIT a write marks the album: from now on nothing is kept. After it, it names the position of the commit: nothing ' +
        'that was read below it is kept. An answer that comes too late is given to its reader, and not to the cache.',
      check: {
        says: 'The cache refused answers, and the service has counted them.',
        holds: ({ demonstrated: { albumRace }, peaks }) => {
          if (albumRace === null) return undefined;
          if (albumRace.refused === 0) return false;
          return peaks.refusedFills > 0 || undefined;
        },
      },
    },
    {
      text:
        'So as long as the service reaches Redis, a hit is not older than what was acknowledged, while a replica may be. And an entry ' +
        'serves a session only if it was read late enough for its token: sessions are right whatever Redis has forgotten.',
      check: afterRace(
        'No hit was older than a replacement acknowledged before, and the writer always saw its own.',
        ({ hits, oldHits, ownMissed }) => hits > 0 && oldHits === 0 && ownMissed === 0,
      ),
    },
  ],
};
