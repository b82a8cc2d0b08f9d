import { useComputed } from '@preact/signals';
import { snapshot, useText } from '../state/console.state.js';

const radius = 26;
const length = 2 * Math.PI * radius;

/** The leader's lock in etcd, as a ring that shrinks until it is renewed. */
export function LeaseRing() {
  const missing = useComputed(() => {
    const lease = snapshot.value?.lease;
    const left = lease && lease.ttlMs > 0 ? Math.min(1, Math.max(0, lease.remainingMs / lease.ttlMs)) : 0;
    return String(length * (1 - left));
  });
  const left = useText(({ lease }) =>
    lease === null ? 'none' : `${Math.max(0, lease.remainingMs / 1_000).toFixed(0)} s`,
  );
  const holder = useText(({ lease }) => (lease === null ? 'nobody holds it' : `held by ${lease.holder}`));
  const ttl = useText(({ lease }) =>
    lease === null ? 'Whoever takes it leads.' : `of ${Math.round(lease.ttlMs / 1_000)} s`,
  );
  return (
    <article class="card lease" aria-labelledby="lease-title">
      <h3 id="lease-title">Leader lock</h3>
      <div class="ring">
        <svg viewBox="0 0 64 64" aria-hidden="true">
          <circle class="ring-track" cx="32" cy="32" r={radius} />
          <circle class="ring-left" cx="32" cy="32" r={radius} stroke-dasharray={length} stroke-dashoffset={missing} />
        </svg>
        <span data-testid="lease">{left}</span>
      </div>
      <p>{holder}</p>
      <p class="muted">{ttl}</p>
    </article>
  );
}
