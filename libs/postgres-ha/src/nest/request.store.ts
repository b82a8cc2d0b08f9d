import { AsyncLocalStorage } from 'node:async_hooks';

/** One object for each HTTP request, reachable below its handler. Each context of the request keeps its own fields in it. */
export const requestStore = new AsyncLocalStorage<object>();
