import type { PhaseMark } from '../../../../libs/live/src/protocol.js';
import { duration } from '../state/formatting.js';

/** The steps of a failover in their order, with a bar that shows how much of the time had passed. */
export function PhaseMarks({ marks, label }: { marks: readonly PhaseMark[]; label: string }) {
  if (marks.length === 0) return null;
  const ordered = marks.toSorted((a, b) => a.afterMs - b.afterMs);
  const longestMs = Math.max(1, ordered.at(-1)?.afterMs ?? 1);
  return (
    <ol class="marks" aria-label={label}>
      {ordered.map(({ name, member, afterMs }) => (
        <li key={`${name} ${member ?? ''} ${afterMs}`}>
          <span class="mark-time">+{duration(afterMs)}</span>
          <span>
            {name}
            {member !== undefined && ` (${member})`}
          </span>
          <span class="mark-track" aria-hidden="true">
            <span style={{ width: `${((100 * Math.max(0, afterMs)) / longestMs).toFixed(1)}%` }} />
          </span>
        </li>
      ))}
    </ol>
  );
}
