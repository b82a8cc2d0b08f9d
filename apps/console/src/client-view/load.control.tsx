import { useSignal } from '@preact/signals';
import { mostRatePerSecond } from '../../../../libs/live/src/protocol.js';
import { change, mayChange } from '../state/api.client.js';
import { useText, useView } from '../state/console.state.js';
import { loadNote } from './load.note.js';

const usualRate = 50;

/** Starts, changes and ends the load. A run brings its own. */
export function LoadControl() {
  const kind = useView(({ activity }) => activity.kind, 'idle');
  const wanted = useSignal(String(usualRate));
  const loads = kind.value === 'load';
  const blocked = !mayChange.value || kind.value === 'run' || kind.value === 'elsewhere';

  const onSubmit = (event: Event): void => {
    event.preventDefault();
    void change('/api/load', { ratePerSecond: Number(wanted.value) });
  };

  return (
    <form class="row load" onSubmit={onSubmit} aria-label="Load">
      <label>
        operations per second{' '}
        <input
          type="number"
          min="1"
          max={mostRatePerSecond}
          step="1"
          required
          value={wanted}
          data-testid="load-rate"
          onInput={({ currentTarget }) => {
            wanted.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit" data-testid="start-load" disabled={blocked}>
        {loads ? 'Change the load' : 'Start the load'}
      </button>
      <button
        type="button"
        class="quiet"
        data-testid="stop-load"
        disabled={!mayChange.value || !loads}
        onClick={() => void change('/api/load', { ratePerSecond: 0 })}
      >
        Stop it
      </button>
      <span class="muted">{useText(({ activity }) => loadNote(activity))}</span>
    </form>
  );
}
