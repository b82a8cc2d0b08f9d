import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { verdictText } from './break/verdict.text.js';
import { connection, lastRun, leader, snapshot, timeline } from './state/console.state.js';

/**
 * What a screen reader says by itself: who leads now, the verdict of a run, a lost connection. All other figures change ten times a
 * second, and are silent.
 */
export function Announcements() {
  const said = useSignal('');
  const known = useRef<{ leader: string | null; run: string | null } | null>(null);
  const lost = useComputed(() => connection.value.kind === 'lost');

  useSignalEffect(() => {
    const now = { leader: leader.value, run: lastRun.value?.id ?? null };
    if (snapshot.peek() === null) return;
    const before = known.current;
    known.current = now;
    // What is so when the page opens is no news.
    if (before === null) return;
    if (now.run !== before.run && lastRun.value !== null) said.value = verdictText(lastRun.value);
    else if (now.leader !== before.leader)
      said.value =
        now.leader === null ? 'Nobody leads.' : `${now.leader} leads, on timeline ${timeline.peek() ?? 'unknown'}.`;
  });
  useSignalEffect(() => {
    if (lost.value) said.value = 'The connection to the console is lost.';
    else if (said.peek() !== '') said.value = 'The connection to the console is there.';
  });

  return (
    <p role="status" aria-live="polite" class="hidden">
      {said}
    </p>
  );
}
