import { afterRun, hasKeptAll, isAbove, isBelow, startLoad } from './checks.js';
import type { Lesson } from './lesson.js';

const fault = 'majority-kill';

export const twoFailures: Lesson = {
  id: 'two-failures',
  title: 'Two failures at once, and why nobody is promoted',
  minutes: 4,
  about: 'A healthy replica stays a replica, for it cannot know whether it has every acknowledged write.',
  steps: [
    startLoad(
      'Start the load. Each commit waits for any one of the two replicas: for the faster one, and that changes.',
    ),
    {
      text:
        'Kill the leader and one replica together. One replica is left, and etcd has its majority. Say first: who will lead, for how long ' +
        'will no write succeed, and will anything be lost?',
      does: { kind: 'break', fault },
      prediction: true,
    },
    {
      text:
        'The lease runs out, and nobody takes the lock. The last acknowledged writes may be on the two dead members only. The replica that ' +
        'is left cannot know, and to lead without them would be to lose them. So it waits, and so do the writes.',
      check: {
        says: 'Two members were away at once, nobody held the lock for 3 s or longer, and the service held writes.',
        holds: ({ peaks }) =>
          (peaks.unreachableAtOnce > 1 && peaks.lockAwayMs >= 3_000 && peaks.heldWrites) || undefined,
      },
    },
    {
      text:
        'After 26 s both are started again. As soon as one is back, two of three can compare what they have, and the one that has all ' +
        'leads. Meanwhile the last replica answered reads. Writes that had waited for 30 s were refused with 503, and are not there.',
      check: afterRun(
        fault,
        'For more than 20 s no write succeeded; no read gap was as long as 8 s.',
        ({ writeGapMs, readGapMs }) => isAbove(writeGapMs, 20_000) && isBelow(readGapMs, 8_000),
      ),
    },
    {
      text:
        'This is the price of "nothing acknowledged is lost" with three members: one failure costs seconds, two cost writes until one is ' +
        'mended. A fourth member and commits that wait for two replicas would survive two failures.',
      check: afterRun(
        fault,
        'A member leads again; no acknowledged write is lost, and no refused one is there.',
        (figures) => figures.leader !== null && hasKeptAll(figures) && figures.ghosts === 0,
      ),
    },
  ],
};
