import { afterRun, hasKeptAll, hasServedAll, hasStayed, isBelow, startLoad } from './checks.js';
import type { Lesson } from './lesson.js';

const one = 'etcd-leader-kill';
const two = 'etcd-quorum-loss';

export const quorum: Lesson = {
  id: 'quorum',
  title: 'Quorum, and its loss',
  minutes: 5,
  about: 'etcd decides who leads, by majority; and what a cluster can still do when there is none.',
  steps: [
    startLoad(
      'Start the load. Who leads is written in etcd, and a change counts only when a majority of its three members, two, has it. So no ' +
        'two sides of a cut network can both give the lock away.',
    ),
    {
      text:
        "Kill one of the three: etcd's own leader. Say first: who of PostgreSQL's members will lead, for how long will no write succeed, " +
        'and will anything be lost?',
      does: { kind: 'break', fault: one },
      prediction: true,
    },
    {
      text: 'Two of three are a majority. They elect a leader among themselves, and Patroni renews its lease there.',
      check: afterRun(
        one,
        'The same member of PostgreSQL leads on the same timeline, and no HTTP request failed.',
        (figures) => hasStayed(figures) && hasServedAll(figures),
      ),
    },
    {
      text: 'Now kill two of three, for a minute. One etcd member alone decides nothing, and no lease can be renewed. Who will lead?',
      does: { kind: 'break', fault: two },
      prediction: true,
    },
    {
      text:
        'A leader that cannot renew its lock would have to step down, for another one might hold it. But whoever takes the lock needs etcd, ' +
        'too. So in failsafe mode the leader asks all other members directly, and leads on as long as each of them agrees.',
      check: {
        says: 'Two etcd members were away at once: there was no majority.',
        holds: ({ peaks }) => peaks.etcdsAway > 1 || undefined,
      },
    },
    {
      text:
        'No client has noticed. But if the leader died now, nobody could take its place: writes would wait for etcd. Heal when you have ' +
        'seen enough, or wait until the minute is over.',
      does: { kind: 'heal' },
      check: afterRun(
        two,
        'The same member leads on the same timeline. No write gap was as long as 4 s, no HTTP request failed, and nothing is lost.',
        (figures) =>
          hasStayed(figures) && isBelow(figures.writeGapMs, 4_000) && hasServedAll(figures) && hasKeptAll(figures),
      ),
    },
  ],
};
