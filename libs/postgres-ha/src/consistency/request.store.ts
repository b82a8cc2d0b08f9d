import { AsyncLocalStorage } from 'node:async_hooks';

/** One object for each HTTP request, reachable below its handler; each context of the request keeps what is its own in it. */
export const requestStore = new AsyncLocalStorage<object>();
