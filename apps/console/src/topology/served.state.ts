import { effect, signal } from '@preact/signals';
import { snapshot } from '../state/console.state.js';
import { nextServedAt, type ServedAt } from './served.recently.js';

/** When each member last answered a client of the load. */
export const servedAt = signal<ServedAt>({});

effect(() => {
  const { client, atMs } = snapshot.value ?? {};
  if (client && atMs !== undefined) servedAt.value = nextServedAt(servedAt.peek(), client.servedPerSecond, atMs);
});
