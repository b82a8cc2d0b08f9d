import { requiredBehaviour } from '../load/http.client.js';
import type { Mutation } from './mutation.js';
import { ReplySwallower } from './reply.swallower.js';

/** Answers to writes get lost, and clients repeat the requests without a key: rows must be there twice. */
export function unkeyedRetries(): Mutation {
  let swallower: ReplySwallower | undefined;
  return {
    name: 'mutation-unkeyed-retries',
    title: 'keys not sent, replies swallowed and requests sent again: rows must be there twice',
    caughtBy: 'duplicates',
    expects: {},
    behaviour: { ...requiredBehaviour, keys: false, retries: 3 },
    holdMs: 3_000,
    swallower: (apiPort) => (swallower = new ReplySwallower(apiPort)),
    async inject() {
      if (swallower === undefined) throw new Error('clients do not go through the swallower');
      swallower.swallowing = true;
    },
  };
}
