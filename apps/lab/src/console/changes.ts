import type { LogEntry, Snapshot } from '../../../../libs/live/src/protocol.js';

/** A line of the log before it has a number and a time. */
export type Change = Pick<LogEntry, 'source' | 'member' | 'text'>;

/** The part of a snapshot whose changes are told. */
export type Seen = Pick<Snapshot, 'members' | 'instances' | 'etcds' | 'paused'>;

/** What has changed between two looks at the lab, in words. A state is never told twice. */
export function changesBetween(before: Seen, after: Seen): Change[] {
  return [
    ...after.members.flatMap((member) => {
      const old = before.members.find(({ name }) => name === member.name);
      return old === undefined ? [] : memberChanges(old, member);
    }),
    ...after.instances.flatMap(({ name, status }) =>
      changed(before.instances.find((old) => old.name === name)?.status, status)
        ? [{ source: 'api' as const, member: name, text: `is ${status}` }]
        : [],
    ),
    ...after.etcds.flatMap(({ name, healthy, leads }) => {
      const old = before.etcds.find((other) => other.name === name);
      return [
        ...(changed(old?.healthy, healthy) ? [healthy ? 'answers again' : 'does not answer'] : []),
        ...(old?.leads === false && leads ? ['leads etcd'] : []),
      ].map((text) => ({ source: 'etcd' as const, member: name, text }));
    }),
    ...(before.paused === after.paused
      ? []
      : [{ source: 'patroni' as const, text: after.paused ? 'maintenance mode: nobody fails over' : 'resumed' }]),
  ];
}

type Member = Seen['members'][number];

function memberChanges(old: Member, now: Member): Change[] {
  const { name: member } = now;
  const patroni = (text: string): Change => ({ source: 'patroni', member, text });
  const haproxy = (backend: 'leader' | 'replicas'): Change[] =>
    changed(old.haproxy[backend], now.haproxy[backend]) && now.haproxy[backend] !== 'unknown'
      ? [{ source: 'haproxy', member, text: `${now.haproxy[backend]} in the backend ${backend}` }]
      : [];
  const own = !now.reachable
    ? old.reachable
      ? [patroni('does not answer')]
      : []
    : [
        ...(old.reachable ? [] : [patroni('answers again')]),
        ...(changed(old.role, now.role) ? [patroni(`is now ${article(now.role)}`)] : []),
        ...(changed(old.state, now.state) ? [patroni(`is ${now.state}`)] : []),
        ...(now.timeline !== null && changed(old.timeline, now.timeline)
          ? [patroni(`is on timeline ${now.timeline}`)]
          : []),
      ];
  return [...own, ...haproxy('leader'), ...haproxy('replicas')];
}

const changed = (old: unknown, now: unknown): boolean => old !== undefined && old !== now;

const article = (role: Member['role']): string => (role === 'leader' ? 'the leader' : `a ${role}`);
