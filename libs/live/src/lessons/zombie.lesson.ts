import { afterRun, hasFailedOver, hasKeptAll, startLoad } from './checks.js';
import type { Lesson } from './lesson.js';

const fault = 'zombie';

export const zombieLeader: Lesson = {
  id: 'zombie-leader',
  title: 'A zombie leader',
  minutes: 4,
  about: 'Why a leader that was frozen, replaced and woken up can do no harm, although it believes that it leads.',
  steps: [
    startLoad('Start the load.'),
    {
      text:
        'A virtual machine is moved, a host stalls: a process may stand still and go on later, as if no time had passed. ' +
        "`docker pause` does that to all processes of the leader's container.",
    },
    {
      text:
        'Freeze the leader for longer than its lease, and thaw it. Say first: who will lead, for how long will no write succeed, and will ' +
        'anything be lost? And for yourself: woken up, can it acknowledge a write?',
      does: { kind: 'break', fault },
      prediction: true,
    },
    {
      text:
        'A frozen leader renews no lease. When it has run out, a replica takes the lock, and the other one follows it. Only then is the ' +
        'old leader thawed.',
      check: {
        says: 'A member did not answer, and the lock went from one member to another.',
        holds: ({ peaks }) => (peaks.unreachable.length > 0 && peaks.holders.length > 1) || undefined,
      },
    },
    {
      text:
        'It wakes up as a leader. A commit there needs a replica that confirms it, and both have left, so no client is told that such a ' +
        'write succeeded. Then its Patroni reads in etcd that another member holds the lock, and makes it a replica. Until then it may ' +
        'still answer a read with what it knows.',
      check: afterRun(
        fault,
        'Another member leads on the next timeline, and the old leader follows it.',
        (figures, { snapshot }) => {
          if (!hasFailedOver(figures)) return false;
          const old = snapshot.members.find(({ name }) => name === figures.leaderBefore);
          if (old?.reachable !== true || old.role === 'unknown') return undefined;
          return old.role !== 'leader';
        },
      ),
    },
    {
      text:
        'From acknowledged writes the checkers see which member committed them, and when. Two that led at once would have given ' +
        'themselves away.',
      check: afterRun(
        fault,
        'The verdict is a pass: no two leaders, nothing lost, nothing there that had failed.',
        (figures) => figures.pass && hasKeptAll(figures) && figures.ghosts === 0,
      ),
    },
  ],
};
