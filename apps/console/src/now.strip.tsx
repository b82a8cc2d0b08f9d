import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { activityText, canHeal } from './activity.text.js';
import { change, mayChange, refused } from './state/api.client.js';
import { connection, snapshot, useText, useView } from './state/console.state.js';
import { clock } from './state/formatting.js';

/** What happens now, and the way out of it: it stays in sight wherever the reader is on the page. */
export function NowStrip() {
  const activity = useText((now) => activityText(now.activity), 'Waiting for the server.');
  const phase = useView(({ activity: its }) => (its.kind === 'run' ? its.phase : null), null);
  const broken = useView(({ activity: its }) => its.kind === 'run' || its.kind === 'elsewhere', false);
  const healable = useView(({ activity: its }) => canHeal(its), false);
  return (
    <section class={`strip ${broken.value ? 'broken' : ''}`} aria-label="What happens now">
      <ConnectionState />
      {phase.value !== null && (
        <p class="phase" data-testid="phase" data-phase={phase.value}>
          {phase.value}
        </p>
      )}
      <p class="activity" data-testid="activity">
        {activity}
      </p>
      {broken.value && (
        <button
          type="button"
          class="heal"
          data-testid="heal"
          disabled={!mayChange.value}
          onClick={() => void change('/api/heal', {})}
        >
          {healable.value ? 'Heal now' : 'Healing'}
        </button>
      )}
      <Refused />
    </section>
  );
}

function ConnectionState() {
  const seconds = useSignal(0);
  const state = connection.value;
  const sinceMs = state.kind === 'lost' ? state.sinceMs : null;
  useEffect(() => {
    if (sinceMs === null) return undefined;
    const count = (): void => {
      seconds.value = Math.floor((Date.now() - sinceMs) / 1_000);
    };
    count();
    const timer = setInterval(count, 1_000);
    return () => clearInterval(timer);
  }, [sinceMs, seconds]);
  const from = useComputed(() => (snapshot.value === null ? '' : ` All figures are of ${clock(snapshot.value.atMs)}.`));
  return (
    <p class={`connection ${state.kind}`} data-testid="connection" data-state={state.kind}>
      {state.kind === 'live' && '● live'}
      {state.kind === 'connecting' && '○ connecting'}
      {state.kind === 'lost' && (
        <>
          ✗ connection lost for {seconds} s, trying again.{from}
        </>
      )}
    </p>
  );
}

function Refused() {
  return (
    <div role="alert" class="refused">
      {refused.value !== null && (
        <>
          <p>✗ {refused.value}</p>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              refused.value = null;
            }}
          >
            Close
          </button>
        </>
      )}
    </div>
  );
}
