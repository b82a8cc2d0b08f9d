import type { EtcdView, InstanceView } from '../../../../libs/live/src/protocol.js';
import { Fact } from '../parts/fact.js';
import { Panel } from '../parts/panel.js';
import { useText, useView } from '../state/console.state.js';
import { none, rate } from '../state/formatting.js';
import { LeaseRing } from './lease.ring.js';
import { MemberCard } from './member.card.js';
import { routesOf } from './proxy.routes.js';
import { ClientWires, LockWires, ProxyWires } from './wires.js';

/** Who is connected to whom, from the clients to etcd. */
export function TopologyPanel() {
  const members = useView((snapshot) => snapshot.members.map(({ name }) => name), []);
  return (
    <Panel id="topology" title="Topology">
      <div class="topology">
        <div class="column">
          <ClientsCard />
          <ServiceCard />
        </div>
        <ClientWires />
        <div class="column">
          <ProxyCard />
        </div>
        <ProxyWires />
        <div class="column members">
          {members.value.map((name) => (
            <MemberCard key={name} name={name} />
          ))}
        </div>
        <LockWires />
        <div class="column">
          <LeaseRing />
          <EtcdCard />
        </div>
      </div>
      <p class="key muted">
        <span class="key-writes">writes, lock</span>
        <span class="key-reads">reads</span>
        <span class="key-closed">closed</span>
      </p>
    </Panel>
  );
}

function ClientsCard() {
  return (
    <article class="card" aria-labelledby="clients-title">
      <h3 id="clients-title">Clients</h3>
      <dl class="facts">
        <Fact name="ask" value={useText(({ client }) => (client ? `${rate(client.ratePerSecond)}/s` : 'no load'))} />
        <Fact name="waiting" value={useText(({ client }) => String(client?.waiting ?? none), none)} />
      </dl>
    </article>
  );
}

const statuses: Readonly<Record<InstanceView['status'], string>> = {
  ready: '✓ ready',
  'not ready': '✗ not ready',
  unreachable: '✗ no answer',
};

function ServiceCard() {
  const instances = useView((snapshot) => snapshot.instances, []);
  return (
    <article class="card" aria-labelledby="service-title">
      <h3 id="service-title">Service</h3>
      <dl class="facts">
        {instances.value.map(({ name, status }) => (
          <Fact key={name} name={name} value={statuses[status]} />
        ))}
        <Fact name="writes held" value={useText(({ service }) => String(service?.writesHeld ?? none), none)} />
      </dl>
    </article>
  );
}

function ProxyCard() {
  const routes = useView(({ members }) => routesOf(members), { writes: [], reads: [], readsFallBack: false });
  const { writes, reads, readsFallBack } = routes.value;
  return (
    <article class="card" aria-labelledby="haproxy-title">
      <h3 id="haproxy-title">HAProxy</h3>
      <p>
        <span class="muted">writes to</span> <strong>{writes.join(', ') || '✗ nobody'}</strong>
      </p>
      <p>
        <span class="muted">reads to</span> <strong>{reads.join(', ') || '✗ nobody'}</strong>
        {readsFallBack && ' (no replica is up)'}
      </p>
    </article>
  );
}

const etcdState = ({ healthy, leads }: EtcdView): string => {
  if (!healthy) return '✗ no answer';
  return leads ? '★ leads' : '✓ follows';
};

function EtcdCard() {
  const etcds = useView((snapshot) => snapshot.etcds, []);
  return (
    <article class="card" aria-labelledby="etcd-title">
      <h3 id="etcd-title">etcd</h3>
      <dl class="facts">
        {etcds.value.map((etcd) => (
          <Fact key={etcd.name} name={etcd.name} value={etcdState(etcd)} />
        ))}
      </dl>
    </article>
  );
}
