import { useSignal } from '@preact/signals';
import type { Prediction } from '../../../../libs/live/src/protocol.js';
import { mayChange } from '../state/api.client.js';
import { leader, useView } from '../state/console.state.js';
import { nobody } from './prediction.score.js';

/** Asks what will happen, then breaks. All three questions must be answered: that is the point of them. */
export function PredictionForm({
  fault,
  onBreak,
}: {
  fault: string;
  onBreak: (prediction: Prediction) => Promise<unknown>;
}) {
  const members = useView((snapshot) => snapshot.members.map(({ name }) => name), []);
  const [next, gapSeconds, loss, sending] = [useSignal(''), useSignal(''), useSignal(''), useSignal(false)];

  const onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    sending.value = true;
    await onBreak({ leader: next.value, writeGapMs: Number(gapSeconds.value) * 1_000, loss: loss.value === 'yes' });
    sending.value = false;
  };

  return (
    <form class="prediction" onSubmit={(event) => void onSubmit(event)} aria-label={`Prediction for ${fault}`}>
      <h4>Before you break it: what will happen?</h4>
      <label>
        Who leads next?
        <select
          required
          data-testid="predict-leader"
          value={next}
          onChange={({ currentTarget }) => {
            next.value = currentTarget.value;
          }}
        >
          <option value="">choose…</option>
          {members.value.map((name) => (
            <option key={name} value={name}>
              {name === leader.value ? `${name}, as now` : name}
            </option>
          ))}
          <option value={nobody}>nobody until it is healed</option>
        </select>
      </label>
      <label>
        For how many seconds does no write succeed?
        <input
          type="number"
          required
          min="0"
          max="600"
          step="0.1"
          data-testid="predict-gap"
          value={gapSeconds}
          onInput={({ currentTarget }) => {
            gapSeconds.value = currentTarget.value;
          }}
        />
      </label>
      <label>
        Is anything lost that was acknowledged?
        <select
          required
          data-testid="predict-loss"
          value={loss}
          onChange={({ currentTarget }) => {
            loss.value = currentTarget.value;
          }}
        >
          <option value="">choose…</option>
          <option value="no">no</option>
          <option value="yes">yes</option>
        </select>
      </label>
      <button type="submit" class="danger" data-testid="break" disabled={sending.value || !mayChange.value}>
        Break it
      </button>
    </form>
  );
}
