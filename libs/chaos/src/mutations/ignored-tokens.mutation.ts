import { requiredBehaviour } from '../load/http.client.js';
import type { Mutation } from './mutation.js';

/** Replay stops on the replicas, and clients send no tokens: sessions must read states older than their own writes. */
export const ignoredTokens: Mutation = {
  name: 'mutation-ignored-tokens',
  title: 'tokens not sent and replay stopped: clients must miss their own writes',
  caughtBy: 'readYourWritesViolations',
  expects: {},
  behaviour: { ...requiredBehaviour, tokens: false },
  holdMs: 3_000,
  async inject({ nemesis, replicas }) {
    await nemesis.freezeReplay(...replicas);
  },
};
