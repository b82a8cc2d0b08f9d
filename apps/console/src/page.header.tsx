import { useComputed } from '@preact/signals';
import { outcomeOf } from './break/verdict.text.js';
import { Fact } from './parts/fact.js';
import { lastRun, leader, timeline, useText, useView } from './state/console.state.js';
import { mayChange } from './state/api.client.js';
import { none } from './state/formatting.js';

/** What this is, and who leads. */
export function PageHeader() {
  const paused = useView((snapshot) => snapshot.paused, false);
  return (
    <header class="top">
      <h1>PostgreSQL HA lab</h1>
      <dl class="top-facts">
        <Fact name="scope" value={useText(({ scope }) => scope, none)} />
        <div>
          <dt>leader</dt>
          <dd data-testid="leader">{useComputed(() => leader.value ?? 'nobody')}</dd>
        </div>
        <Fact name="timeline" value={useComputed(() => String(timeline.value ?? none))} />
        <Fact
          name="last run"
          value={useComputed(() =>
            lastRun.value === null ? none : `${lastRun.value.scenario}: ${outcomeOf(lastRun.value)}`,
          )}
        />
      </dl>
      <nav aria-label="Parts of the page">
        <a href="#topology">Topology</a>
        <a href="#client">Clients</a>
        <a href="#act">Break it, lessons, log</a>
      </nav>
      {paused.value && <p class="warn">⚠ Patroni is in maintenance mode: nobody is promoted.</p>}
      {!mayChange.value && (
        <p class="warn">
          ⚠ This page only watches. To change something, open the address that <code>scripts/lab console</code> has
          printed.
        </p>
      )}
    </header>
  );
}
