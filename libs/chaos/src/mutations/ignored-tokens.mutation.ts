import { requiredBehaviour } from '../load/http.client.js';
import type { Mutation } from './mutation.js';

/** Replicas stand still, and clients do not say what they have seen: they must meet older states than their own writes. */
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
