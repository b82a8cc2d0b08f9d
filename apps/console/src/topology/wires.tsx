import { useView } from '../state/console.state.js';

/** Height of a row, and width of the picture, in its own units: the page stretches both. */
const row = 100;

/** Lines of the picture between two columns. The cards say the same in words, so nobody has to see them. */
function Wires({ kinds, towards }: { kinds: readonly string[]; towards: 'right' | 'left' }) {
  const height = row * Math.max(1, kinds.length);
  const [fan, point] = towards === 'right' ? [100, 0] : [0, 100];
  return (
    <svg class="wires" viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {kinds.map((kind, index) => {
        const y = row * (index + 0.5);
        const middle = height / 2;
        return <path key={index} class={`wire ${kind}`} d={`M${point},${middle} C50,${middle} 50,${y} ${fan},${y}`} />;
      })}
    </svg>
  );
}

/** Clients and service to HAProxy. */
export const ClientWires = () => <Wires towards="left" kinds={['through', 'through']} />;

/** HAProxy to the members: where its checks let connections go. */
export function ProxyWires() {
  const kinds = useView(
    ({ members }) =>
      members.map(({ haproxy }) =>
        haproxy.leader === 'up' ? 'writes' : haproxy.replicas === 'up' ? 'reads' : 'closed',
      ),
    [],
  );
  return <Wires towards="right" kinds={kinds.value} />;
}

/** The members to etcd: who holds the lock. */
export function LockWires() {
  const kinds = useView(
    ({ members, lease }) =>
      members.map(({ name, reachable }) => (lease?.holder === name ? 'lock' : reachable ? 'through' : 'closed')),
    [],
  );
  return <Wires towards="left" kinds={kinds.value} />;
}
