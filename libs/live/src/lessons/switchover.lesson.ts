import { afterRun, hasFailedOver, hasKeptAll, hasServedAll, isBelow, startLoad } from './checks.js';
import type { Lesson } from './lesson.js';

const fault = 'switchover';

export const quietSwitchover: Lesson = {
  id: 'quiet-switchover',
  title: 'A switchover without anybody noticing',
  minutes: 2,
  about: 'Planned work costs a few seconds of waiting and no error, for nobody has to wait for a lease.',
  steps: [
    startLoad('Start the load. Imagine that the machine of the leader needs a new kernel.'),
    {
      text:
        'Hand the leadership over. The leader stops PostgreSQL in order, so that a replica has everything, and gives the lock away ' +
        'itself. Say first: who will lead, for how long will no write succeed, and will anything be lost?',
      does: { kind: 'break', fault },
      prediction: true,
    },
    {
      text: 'No lease has to run out, so this takes a few seconds and not twenty.',
      check: afterRun(
        fault,
        'Another member leads on the next timeline, and the write gap was shorter than 15 s.',
        (figures) => hasFailedOver(figures) && isBelow(figures.writeGapMs, 15_000),
      ),
    },
    {
      text: 'The service held HTTP writes until there was a leader, and the replicas answered reads.',
      check: afterRun(
        fault,
        'No HTTP request failed, and no read gap was as long as 3 s.',
        (figures) => hasServedAll(figures) && isBelow(figures.gaps.http.readMs, 3_000),
      ),
    },
    {
      text:
        'Look at the errors by class: clients of plain SQL did notice. PostgreSQL ended their connections, and they do not try again. ' +
        'A service in between does it for them.',
      check: afterRun(
        fault,
        'No acknowledged write is lost, and none is there twice.',
        (figures) => hasKeptAll(figures) && figures.duplicates === 0,
      ),
    },
  ],
};
