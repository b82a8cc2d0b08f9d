import { asyncLoss } from './async-loss.mutation.js';
import { ignoredTokens } from './ignored-tokens.mutation.js';
import type { Mutation } from './mutation.js';
import { unkeyedRetries } from './unkeyed-retries.mutation.js';

/** All mutations. */
export const mutations = (): readonly Mutation[] => [ignoredTokens, unkeyedRetries(), asyncLoss];
