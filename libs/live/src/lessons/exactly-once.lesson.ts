import { afterRun, hasFailedOver, hasKeptAll, hasServedAll, startLoad } from './checks.js';
import type { Lesson } from './lesson.js';

const fault = 'postmaster-kill';

export const exactlyOnce: Lesson = {
  id: 'exactly-once',
  title: 'Exactly once, through a kill',
  minutes: 3,
  about: 'How a write happens once, although nobody can know whether a COMMIT without an answer has succeeded.',
  steps: [
    startLoad(
      'Start the load. Each of its HTTP writes has an idempotency key of its own; its plain SQL writes have none.',
    ),
    {
      text:
        'A request without an answer leaves a choice of two evils: to send it again may write twice, not to send it again may write ' +
        'never. A key ends that. The service stores its answer under the key in the transaction of the write itself, so either both are ' +
        'there or neither is. Send one request twenty times under one key.',
      does: { kind: 'demonstrate', what: 'same-key' },
      check: {
        says: 'There is one row, every further request got the stored answer, and the service has counted these replays.',
        holds({ demonstrated: { sameKey }, peaks }) {
          if (sameKey === null) return undefined;
          if (sameKey.sent < 2 || sameKey.rows !== 1 || sameKey.replayed !== sameKey.sent - 1) return false;
          return peaks.replays >= sameKey.replayed || undefined;
        },
      },
    },
    {
      text:
        'Now kill PostgreSQL on the leader, in the middle of its commits. Patroni lives and gives the lock away at once. Say first: who ' +
        'will lead, for how long will no write succeed, and will anything be lost?',
      does: { kind: 'break', fault },
      prediction: true,
    },
    {
      text:
        'A COMMIT that was sent and not answered may have succeeded. The service looks its key up on the new leader. If it is there, the ' +
        'write was committed, and the client gets the stored answer. If not, it was not, and is done now. A client of plain SQL ' +
        'gets an error, and such a write may be there or not.',
      check: afterRun(fault, 'Another member leads, on the next timeline.', hasFailedOver),
    },
    {
      text: 'At the end the checkers compare what clients were told with the rows that are there.',
      check: afterRun(
        fault,
        'What was acknowledged is there, once; what failed is not.',
        (figures) => hasKeptAll(figures) && figures.duplicates === 0 && figures.ghosts === 0,
      ),
    },
    {
      text:
        'The clients of the service have noticed nothing but slow answers. The promise holds for each key, and for 24 hours: whoever ' +
        'sends a request again without a key writes again.',
      check: afterRun(fault, 'No HTTP request failed.', hasServedAll),
    },
  ],
};
