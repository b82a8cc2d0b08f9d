import { useComputed } from '@preact/signals';
import type { MemberView, ServerHealth } from '../../../../libs/live/src/protocol.js';
import { Fact } from '../parts/fact.js';
import { snapshot, useText, useView } from '../state/console.state.js';
import { bytes, duration, none } from '../state/formatting.js';
import { haproxyDifferences } from './haproxy.difference.js';
import { servedText } from './served.recently.js';
import { servedAt } from './served.state.js';

const shapes: Readonly<Record<MemberView['role'], string>> = {
  leader: '★',
  'quorum standby': '◆',
  'sync standby': '◆',
  replica: '○',
  unknown: '?',
};

const synchronous: Readonly<Record<MemberView['role'], string>> = {
  leader: none,
  'quorum standby': 'quorum',
  'sync standby': 'yes',
  replica: 'no',
  unknown: none,
};

const healths: Readonly<Record<ServerHealth, string>> = {
  up: '✓ up',
  down: '✗ down',
  maintenance: '✗ not known',
  unknown: '? not asked',
};

const isReplica = ({ role }: MemberView): boolean => role !== 'leader' && role !== 'unknown';

/** One member as Patroni, PostgreSQL and HAProxy see it. */
export function MemberCard({ name }: { name: string }) {
  const text = (pick: (member: MemberView) => string) =>
    useText(({ members }) => {
      const member = members.find((one) => one.name === name);
      return member === undefined ? none : pick(member);
    }, none);
  const role = text((member) => (member.reachable ? member.role : 'unknown'));
  const title = text(({ reachable, role: its }) => (reachable ? `${shapes[its]} ${its}` : '✗ no answer'));
  const differences = useView(({ members }) => {
    const member = members.find((one) => one.name === name);
    return member === undefined ? [] : haproxyDifferences(member);
  }, []);
  const served = useComputed(() => {
    const now = snapshot.value;
    if (!now?.client) return none;
    return servedText(now.client.servedPerSecond[name], servedAt.value[name], now.atMs);
  });
  return (
    <article
      class="card member"
      data-testid={`member-${name}`}
      data-role={role}
      aria-labelledby={`member-${name}-name`}
    >
      <header>
        <h3 id={`member-${name}-name`}>{name}</h3>
        <p class="role" data-role={role}>
          {title}
        </p>
        <p class="muted">{text(({ state }) => state)}</p>
      </header>
      <dl class="facts">
        <Fact name="timeline" value={text(({ timeline }) => String(timeline ?? none))} />
        <Fact name="LSN" value={text(({ lsn }) => lsn ?? none)} />
        <Fact name="lag" value={text((member) => (isReplica(member) ? bytes(member.lagBytes) : none))} />
        <Fact name="stale for" value={text((member) => (isReplica(member) ? duration(member.staleMs) : none))} />
        <Fact name="sync" value={text((member) => synchronous[member.role])} />
        <Fact name="serves" value={served} />
      </dl>
      <p class="checks">
        <span class="muted">HAProxy:</span> writes {text(({ haproxy }) => healths[haproxy.leader])}, reads{' '}
        {text(({ haproxy }) => healths[haproxy.replicas])}
      </p>
      {differences.value.map((difference) => (
        <p key={difference} class="differs">
          <strong>⚠ Differs:</strong> {difference}
        </p>
      ))}
    </article>
  );
}
