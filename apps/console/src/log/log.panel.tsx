import { signal } from '@preact/signals';
import type { LogEntry } from '../../../../libs/live/src/protocol.js';
import { log } from '../state/console.state.js';
import { mostEntries } from '../state/event.log.js';
import { clock } from '../state/formatting.js';

type Source = LogEntry['source'];

const labels: Readonly<Record<Source, string>> = {
  patroni: 'Patroni',
  etcd: 'etcd',
  haproxy: 'HAProxy',
  api: 'API',
  chaos: 'fault',
  console: 'console',
};
const sources = Object.keys(labels) as Source[];

/** Sources that are not shown. It stays while another tab is open. */
const hidden = signal<readonly Source[]>([]);

/** What has changed, newest first, on one clock. */
export function LogPanel() {
  const shown = log.value.filter(({ source }) => !hidden.value.includes(source));
  return (
    <>
      <h2>Event log</h2>
      <fieldset class="row">
        <legend>Show</legend>
        {sources.map((source) => (
          <label key={source}>
            <input
              type="checkbox"
              checked={!hidden.value.includes(source)}
              data-testid={`log-filter-${source}`}
              onChange={({ currentTarget: { checked } }) => {
                hidden.value = checked ? hidden.value.filter((one) => one !== source) : [...hidden.value, source];
              }}
            />{' '}
            {labels[source]}
          </label>
        ))}
      </fieldset>
      {shown.length === 0 && <p class="muted">Nothing has changed yet.</p>}
      <ol class="log" data-testid="log" tabIndex={0} aria-label={`Changes, newest first, at most ${mostEntries}`}>
        {shown.map((entry) => (
          <li key={`${entry.id} ${entry.atMs}`}>
            <time dateTime={new Date(entry.atMs).toISOString()}>{clock(entry.atMs)}</time>
            <span class={`source ${entry.source}`}>{labels[entry.source]}</span>
            <span>
              {entry.member !== undefined && <strong>{entry.member} </strong>}
              {entry.text}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
