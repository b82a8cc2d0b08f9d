import type { FaultView } from '../../../../libs/live/src/protocol.js';
import { mayChange } from '../state/api.client.js';
import { faults } from '../state/console.state.js';
import { chosen, putAside } from './break.state.js';

/** Every fault, with what it must do and what it cannot show here. */
export function FaultList() {
  if (faults.value === null) return <p class="muted">The list of faults has not arrived yet.</p>;
  return (
    <ul class="faults">
      {faults.value.map((fault) => (
        <FaultItem key={fault.name} fault={fault} />
      ))}
    </ul>
  );
}

function FaultItem({ fault }: { fault: FaultView }) {
  const { name, title, whyNot } = fault;
  return (
    <li class="card">
      <h3>{name}</h3>
      <p>{title}</p>
      <FaultTexts fault={fault} />
      {whyNot !== null && (
        <p class="warn" id={`why-not-${name}`}>
          Not now: {whyNot}
        </p>
      )}
      <button
        type="button"
        class="quiet"
        data-testid={`fault-${name}`}
        aria-label={`Choose ${name}`}
        aria-describedby={whyNot === null ? undefined : `why-not-${name}`}
        disabled={whyNot !== null || !mayChange.value}
        onClick={() => {
          putAside();
          chosen.value = name;
        }}
      >
        Choose
      </button>
    </li>
  );
}

/** What a fault must do, and what it cannot show here. */
export function FaultTexts({ fault: { mustDo, cannotShow, failover } }: { fault: FaultView }) {
  return (
    <>
      <p>
        <strong>It must:</strong> {mustDo}
      </p>
      <p class="muted">
        <strong>Not shown here:</strong> {cannotShow}
      </p>
      {failover !== null && (
        <p class="muted">{failover ? 'Another member must lead afterwards.' : 'The leader must stay the same.'}</p>
      )}
    </>
  );
}
