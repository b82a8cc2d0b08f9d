import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { readings } from '../state/console.state.js';
import { seconds } from '../state/formatting.js';
import { type Action, type Channel, shownMs } from '../state/stopwatch.reading.js';

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * How long no operation of a kind has succeeded. It writes into the page by itself, for it runs at the pace of the screen; where less
 * motion is wanted it changes only when a snapshot comes.
 */
export function Stopwatch({ channel, action, name }: { channel: Channel; action: Action; name: string }) {
  const clock = useRef<HTMLElement>(null);
  const state = useRef<HTMLElement>(null);
  useEffect(() => {
    let frame = 0;
    const show = (): void => {
      cancelAnimationFrame(frame);
      const reading = readings.peek()[channel][action];
      const ms = shownMs(reading, performance.now());
      if (clock.current === null || state.current === null) return;
      clock.current.textContent = seconds(ms);
      clock.current.dataset['ms'] = ms === null ? '' : String(Math.round(ms));
      clock.current.dataset['running'] = String(reading.running);
      state.current.textContent = ms === null ? 'no fault yet' : reading.running ? '▶ running' : '■ longest';
      if (reading.running && !stillness.matches && !document.hidden) frame = requestAnimationFrame(show);
    };
    const stop = effect(() => {
      void readings.value;
      show();
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [channel, action]);
  return (
    <div class="stopwatch">
      <dt>{name}</dt>
      <dd>
        <span class="clock" ref={clock} data-testid={`stopwatch-${channel}-${action}`} />
        <span class="muted" ref={state} />
      </dd>
    </div>
  );
}
