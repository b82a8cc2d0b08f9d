import { type Lane, lanes, type LaneView } from '../../../../libs/live/src/protocol.js';
import { WideTable } from '../parts/wide.table.js';
import { useText } from '../state/console.state.js';
import { duration, none, rate } from '../state/formatting.js';
import { laneNames } from './lane.names.js';

/** Rates and latencies of the last second, by lane. */
export function LanesTable() {
  return (
    <WideTable label="The last second, by lane">
      <caption class="hidden">The last second, by lane</caption>
      <thead>
        <tr>
          <th scope="col">lane</th>
          <th scope="col">all/s</th>
          <th scope="col">failed/s</th>
          <th scope="col">p50</th>
          <th scope="col">p99</th>
        </tr>
      </thead>
      <tbody>
        {lanes.map((lane) => (
          <LaneRow key={lane} lane={lane} />
        ))}
      </tbody>
    </WideTable>
  );
}

function LaneRow({ lane }: { lane: Lane }) {
  const text = (pick: (view: LaneView) => string) =>
    useText(({ client }) => (client === null ? none : pick(client.lanes[lane])), none);
  return (
    <tr>
      <th scope="row">{laneNames[lane]}</th>
      <td>{text(({ perSecond }) => rate(perSecond))}</td>
      <td>{text(({ failedPerSecond }) => (failedPerSecond > 0 ? `✗ ${rate(failedPerSecond)}` : '0'))}</td>
      <td>{text(({ p50Ms }) => duration(p50Ms))}</td>
      <td>{text(({ p99Ms }) => duration(p99Ms))}</td>
    </tr>
  );
}
