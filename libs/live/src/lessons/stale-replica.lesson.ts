import { afterRun, hasKeptAll, hasStayed, startLoad } from './checks.js';
import type { Lesson } from './lesson.js';

const fault = 'partition-replicas';

export const staleReplica: Lesson = {
  id: 'stale-replica',
  title: 'Why a replica lies, and how a token mends it',
  minutes: 4,
  about: 'A replica shows the past without saying so; a token makes a read show at least what its client has seen.',
  steps: [
    startLoad(
      'Start the load. A third of its operations are writes; most of the others are reads that replicas answer.',
    ),
    {
      text:
        'A replica shows a write a moment after it was acknowledged. Who reads there at once may miss his own row. So the service ' +
        'answers each write with a token: what this client has seen. A read that brings it is answered by a replica that has come ' +
        'that far, or by the leader. Try it: a hundred rows, each written and read at once, with the token and without.',
      does: { kind: 'demonstrate', what: 'own-write' },
      check: {
        says: 'With the token every row was found, as on the leader.',
        holds: ({ demonstrated: { ownWrite } }) =>
          ownWrite === null
            ? undefined
            : ownWrite.tries > 0 && ownWrite.missed.session === 0 && ownWrite.missed.strong === 0,
      },
    },
    {
      text:
        'Now cut the leader from its replicas, and from nothing else. Say first: who will lead, for how long will no write succeed, and ' +
        'will anything be lost? And for yourself: how old is the oldest state that a replica will show?',
      does: { kind: 'break', fault },
      prediction: true,
    },
    {
      text:
        'The leader keeps its lock, so nobody else may lead. But no replica confirms a commit: writes wait, until Patroni takes the ' +
        'replicas out of the quorum after some ten seconds. Then the leader goes on alone, and the replicas fall behind. They answer as ' +
        'if nothing were wrong, and HAProxy keeps them, for they are behind by less than 16 MB.',
      check: {
        says: 'A replica was more than a second behind the leader.',
        holds: ({ peaks }) => peaks.staleMs > 1_000 || undefined,
      },
    },
    {
      text:
        'Reads without a token were answered by these replicas. Sessions sent their token, so the service noticed that no replica had ' +
        'come that far, and asked the leader.',
      check: afterRun(
        fault,
        'Reads showed old states, but no session missed its own write or went back in time.',
        ({ staleReads, readYourWritesViolations, monotonicViolations }) =>
          staleReads > 0 && readYourWritesViolations === 0 && monotonicViolations === 0,
      ),
    },
    {
      text:
        'With the network back, the replicas receive what they have missed. What was acknowledged meanwhile had one copy only: had the ' +
        "leader's disk died then, it would be gone.",
      check: afterRun(
        fault,
        'The same member leads on the same timeline, and no acknowledged write is lost.',
        (figures) => hasStayed(figures) && hasKeptAll(figures),
      ),
    },
  ],
};
