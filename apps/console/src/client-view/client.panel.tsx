import type { ClientView, MemberView, ServiceView } from '../../../../libs/live/src/protocol.js';
import { Fact } from '../parts/fact.js';
import { Panel } from '../parts/panel.js';
import { useText, useView } from '../state/console.state.js';
import { bytes, duration, none, share } from '../state/formatting.js';
import { LaneChart, LaneKey } from './lane.chart.js';
import { LanesTable } from './lanes.table.js';
import { LoadControl } from './load.control.js';
import { Stopwatch } from './stopwatch.js';

/** What the clients of the load see. */
export function ClientPanel() {
  return (
    <Panel id="client" title="What a client sees">
      <LoadControl />
      <h3>The longest time without a success since the fault</h3>
      <dl class="stopwatches">
        <Stopwatch channel="sql" action="write" name="no write, plain SQL" />
        <Stopwatch channel="http" action="write" name="no write, service" />
        <Stopwatch channel="sql" action="read" name="no read, plain SQL" />
        <Stopwatch channel="http" action="read" name="no read, service" />
      </dl>
      <LanesTable />
      <div class="charts">
        <LaneChart figure="perSecond" title="Operations per second" />
        <LaneChart figure="p99Ms" title="p99 latency" />
      </div>
      <LaneKey />
      <div class="columns">
        <Counts />
        <Staleness />
        <Errors />
      </div>
    </Panel>
  );
}

function Counts() {
  const client = (pick: (view: ClientView) => string) => useText((now) => (now.client ? pick(now.client) : none), none);
  const service = (pick: (view: ServiceView) => number) =>
    useText((now) => (now.service ? String(pick(now.service)) : none), none);
  return (
    <section aria-labelledby="counts-title">
      <h3 id="counts-title">Reads and writes</h3>
      <dl class="facts">
        <Fact name="reads answered by replicas" value={client(({ replicaReadShare }) => share(replicaReadShare))} />
        <Fact name="writes acknowledged" value={client(({ acked }) => String(acked))} />
        <Fact name="failed" value={client(({ failed }) => String(failed))} />
        <Fact name="outcome unknown" value={client(({ unknown }) => String(unknown))} />
        <Fact name="replays a client got" value={client(({ replayed }) => String(replayed))} />
        <Fact name="writes held now" value={service(({ writesHeld }) => writesHeld)} />
        <Fact name="writes in flight" value={service(({ writesInFlight }) => writesInFlight)} />
        <Fact name="replays by the service" value={service(({ replays }) => replays)} />
        <Fact name="cache hits" value={service(({ cacheHits }) => cacheHits)} />
        <Fact name="cache misses" value={service(({ cacheMisses }) => cacheMisses)} />
        <Fact name="refused fills" value={service(({ refusedFills }) => refusedFills)} />
      </dl>
    </section>
  );
}

function Staleness() {
  const replicas = useView(
    ({ members }) => members.filter(({ role }) => role !== 'leader').map(({ name }) => name),
    [],
  );
  return (
    <section aria-labelledby="staleness-title">
      <h3 id="staleness-title">Staleness of the replicas</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">replica</th>
            <th scope="col">stale for</th>
            <th scope="col">behind</th>
          </tr>
        </thead>
        <tbody>
          {replicas.value.map((name) => (
            <StalenessRow key={name} name={name} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function StalenessRow({ name }: { name: string }) {
  const text = (pick: (member: MemberView) => string) =>
    useText(({ members }) => {
      const member = members.find((one) => one.name === name);
      return member === undefined ? none : pick(member);
    }, none);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{text(({ staleMs }) => duration(staleMs))}</td>
      <td>{text(({ lagBytes }) => bytes(lagBytes))}</td>
    </tr>
  );
}

function Errors() {
  const classes = useView(({ client }) => client?.errorsByClass ?? {}, {});
  const counted = Object.entries(classes.value).toSorted(([, a], [, b]) => b - a);
  return (
    <section aria-labelledby="errors-title">
      <h3 id="errors-title">Errors by class</h3>
      {counted.length === 0 ? (
        <p class="muted">None.</p>
      ) : (
        <dl class="facts">
          {counted.map(([name, count]) => (
            <Fact key={name} name={name} value={String(count)} />
          ))}
        </dl>
      )}
    </section>
  );
}
