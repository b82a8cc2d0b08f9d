// What the cluster says of itself, asked of any Patroni member that answers.
//   cluster.mjs leader                       prints the leader's name
//   cluster.mjs status [json]
//   cluster.mjs mode                         prints quorum, sync or async
//   cluster.mjs wait SECONDS CONDITION…      until all hold:
//     leader, leader=M, leader!=M, member=M (leads or streams), member!=M (is gone), whole (all that should be there), api,
//     answering (every member by itself: a dead one is listed for as long as its lease lives), managed (not paused),
//     mode=MODE (on every member), proxied=M (HAProxy reads from it), retired=M (HAProxy looks for it no more),
//     etcd (every member of it is healthy), serves (each instance of the API can write and read now)
import { findings } from '../src/findings.mjs';
import { isWhole, observe, observeAll, ports, standbys, streaming, streams } from '../src/observe.mjs';

/** The roles that a mode gives to the standbys, however many there are. */
const rolesOf = {
  quorum: (roles) => roles.every((role) => role === 'quorum_standby'),
  sync: (roles) => roles.filter((role) => role === 'sync_standby').length === 1 && !roles.includes('quorum_standby'),
  async: (roles) => roles.every((role) => role === 'replica'),
};

function holds(condition, seen) {
  const [, name, operator, member] = condition.match(/^(\w+)(?:(!?=)(\w+))?$/);
  switch (name) {
    case 'leader':
      return Boolean(seen.leader) && (!operator || (seen.leader.name === member) === (operator === '='));
    case 'member':
      if (operator === '!=') return Boolean(seen.leader) && seen.members.every((m) => m.name !== member);
      return seen.members.some((m) => m.name === member && (m === seen.leader || streams(m, seen)));
    case 'mode':
      return (
        seen.modes.every((mode) => mode === member) &&
        rolesOf[member](seen.members.filter((m) => m !== seen.leader).map(({ role }) => role))
      );
    case 'proxied':
      return seen.proxied.get(member) === 'UP';
    case 'retired':
      return seen.proxied.get(member) === 'MAINT';
    case 'whole':
      return isWhole(seen);
    case 'answering':
      return seen.modes.every(Boolean);
    case 'managed':
      return !seen.pause;
    case 'api':
      return seen.api === 'ready';
    case 'etcd':
      return seen.etcd.members.every(({ healthy }) => healthy);
    case 'serves':
      return seen.instances.every(({ answers, problems }) => answers && problems.length === 0);
  }
}

const describe = (seen) =>
  `leader ${seen.leader?.name ?? 'none'}, ${streaming(seen).length} of ${standbys()} replicas streaming, API ${seen.api}${seen.pause ? ', Patroni is paused' : ''}`;

async function wait(seconds, conditions) {
  const deadline = Date.now() + seconds * 1000;
  // Containers are asked only where somebody wants to know: waits measure outages too.
  const look = conditions.some((condition) => ['etcd', 'serves'].includes(condition)) ? observeAll : observe;
  for (let last; ; await new Promise((resolve) => setTimeout(resolve, 300))) {
    const seen = await look();
    const text = describe(seen);
    if (conditions.every((condition) => holds(condition, seen))) {
      console.error(`✓ ${text}`);
      return;
    }
    if (Date.now() > deadline) {
      console.error(`✗ after ${seconds} s: ${text}; waited for: ${conditions.join(', ')}`);
      process.exitCode = 1;
      return;
    }
    if (text !== last) console.error(`… ${text}`);
    last = text;
  }
}

const report = (seen) => ({
  scope: seen.scope,
  leader: seen.leader?.name ?? null,
  timeline: seen.leader?.timeline ?? null,
  members: seen.members.map(({ name, host, role, state, timeline = null, lag }) => ({
    name,
    host,
    role,
    state,
    timeline,
    lagBytes: role === 'leader' ? 0 : typeof lag === 'number' ? lag : null,
  })),
  ports: {
    write: ports('PG_WRITE_PORT')[0],
    read: ports('PG_READ_PORT')[0],
    stats: ports('HAPROXY_STATS_PORT')[0],
    api: ports('API_PORTS')[0],
  },
  api: { status: seen.api },
  etcd: seen.etcd,
  paused: seen.pause,
  problems: findings(seen).map(({ code, what, mend }) => ({ code, what, mend })),
});

function table({ scope, leader, timeline, members, api, etcd, paused, problems }) {
  const rows = [
    ['MEMBER', 'ROLE', 'STATE', 'TIMELINE', 'LAG'],
    ...members.map((m) => [m.name, m.role, m.state, m.timeline ?? '?', m.lagBytes === null ? '?' : `${m.lagBytes} B`]),
  ];
  return [
    `cluster ${scope ?? 'unreachable'}   leader ${leader ?? 'none'}   timeline ${timeline ?? '?'}   API ${api.status}`,
    ...rows.map((row) =>
      row
        .map((cell) => String(cell).padEnd(16))
        .join('')
        .trimEnd(),
    ),
    `etcd ${etcd.members.map(({ name, healthy }) => `${name} ${healthy ? 'healthy' : 'not healthy'}`).join(', ')}   quorum ${etcd.quorum ? 'yes' : 'no'}${paused ? '   Patroni is paused' : ''}`,
    ...problems.map(({ what, mend }) => `✗ ${what} Mend: ${mend}`),
  ].join('\n');
}

// Timers of AbortSignal do not keep Node alive: a request to a container that is just vanishing would end the process silently.
const alive = setInterval(() => {}, 1000);
const [command, ...rest] = process.argv.slice(2);
if (command === 'wait') {
  await wait(Number(rest[0]), rest.slice(1).filter(Boolean));
} else {
  const seen = await (command === 'status' ? observeAll() : observe());
  if (command === 'leader') {
    if (seen.leader) console.log(seen.leader.name);
    else process.exitCode = 1;
  } else if (command === 'mode') {
    if (seen.mode) console.log(seen.mode);
    else process.exitCode = 1;
  } else {
    console.log(rest[0] === 'json' ? JSON.stringify(report(seen)) : table(report(seen)));
    if (!seen.scope) process.exitCode = 1;
  }
}
clearInterval(alive);
