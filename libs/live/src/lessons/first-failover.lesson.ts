import { afterRun, hasFailedOver, hasKeptAll, hasServedAll, isAbove, isBelow, startLoad } from './checks.js';
import type { Lesson } from './lesson.js';

const fault = 'leader-kill';

export const firstFailover: Lesson = {
  id: 'first-failover',
  title: 'A first failover',
  minutes: 3,
  about: 'What happens between the death of a leader and the first write on the next one.',
  steps: [
    startLoad(
      'Start the load: clients that write and read, over HTTP and in plain SQL. The leader takes all writes. The two others are ' +
        'replicas and answer reads. A write is acknowledged once one of them has it on its disk, too.',
    ),
    {
      text:
        'Look at the ring around the leader: its lease in etcd, 20 s long, renewed every 2 s. Whoever holds it leads. When a leader ' +
        'falls silent, the others cannot tell whether it is dead or slow, so they wait until the lease has run out.',
    },
    {
      text:
        "Kill the leader's container. Say first: who will lead, for how long will no write succeed, and will anything be lost that was " +
        'acknowledged?',
      does: { kind: 'break', fault },
      prediction: true,
    },
    {
      text:
        'Watch the ring run out. Then a replica takes the lock and is promoted, which begins a new timeline, and HAProxy sends writes to ' +
        'it. Then the dead member is started again, and follows.',
      check: afterRun(
        fault,
        'The old leader could not be reached, and another member leads on the next timeline.',
        (figures, { peaks }) =>
          hasFailedOver(figures) && figures.leaderBefore !== null && peaks.unreachable.includes(figures.leaderBefore),
      ),
    },
    {
      text:
        'Compare the write gap with your prediction. Most of it is the lease: promotion and HAProxy take a second or two. The read gap ' +
        'is short, for the replicas answered reads all the time.',
      check: afterRun(
        fault,
        'For more than 15 s no write succeeded; no read gap was as long as 3 s.',
        ({ writeGapMs, readGapMs }) => isAbove(writeGapMs, 15_000) && isBelow(readGapMs, 3_000),
      ),
    },
    {
      text:
        'Nothing is missing, for only a replica that has every acknowledged write may be promoted. And the clients of the service saw ' +
        'no error: it held their writes until there was a leader. Those of plain SQL did.',
      check: afterRun(
        fault,
        'No acknowledged write is lost, and no HTTP request failed.',
        (figures) => hasKeptAll(figures) && hasServedAll(figures),
      ),
    },
  ],
};
