// What `scripts/lab replication` computes and prints.
//   replication.mjs latency                                          psql's \timing on stdin → JSON
//   replication.mjs report json|text PREVIOUS MODE BEFORE AFTER      pg_stat_replication as JSON on stdin
import { readFileSync } from 'node:fs';

const meaning = {
  quorum: 'A commit waits for any of the standbys, as many as ANY says. A failover loses no acknowledged write.',
  sync: 'A commit waits for one named standby, the only one that may be promoted. When it dies, commits wait until Patroni names another.',
  async: 'A commit waits for nobody. A failover can lose acknowledged writes.',
};

function latency(timings) {
  const ms = [...timings.matchAll(/^Time: ([\d.]+) ms/gm)]
    .map(([, digits]) => Number(digits))
    .toSorted((a, b) => a - b);
  if (ms.length === 0) throw new Error('psql has timed no commit');
  const quantile = (q) => ms[Math.min(ms.length - 1, Math.ceil(q * ms.length) - 1)];
  return { commits: ms.length, medianMs: quantile(0.5), p95Ms: quantile(0.95) };
}

function text({ mode, previous, synchronousStandbyNames, standbys, latencyMs }) {
  const line = (name, { commits, medianMs, p95Ms }) =>
    `  ${name.padEnd(8)} median ${medianMs.toFixed(2)} ms, p95 ${p95Ms.toFixed(2)} ms (${commits} commits)`;
  return [
    `mode ${mode}   synchronous_standby_names '${synchronousStandbyNames}'`,
    meaning[mode],
    ...standbys.map(({ member, state, syncState }) => `  ${member.padEnd(10)} ${state.padEnd(10)} ${syncState}`),
    ...(latencyMs ? ['What a commit takes:', line(previous, latencyMs.before), line(mode, latencyMs.after)] : []),
  ].join('\n');
}

const [command, format, previous, mode, before, after] = process.argv.slice(2);
const input = readFileSync(0, 'utf8');
if (command === 'latency') {
  console.log(JSON.stringify(latency(input)));
} else {
  const latencyMs = before === 'null' ? null : { before: JSON.parse(before), after: JSON.parse(after) };
  const report = { mode, previous, changed: latencyMs !== null, ...JSON.parse(input), latencyMs };
  console.log(format === 'json' ? JSON.stringify(report) : text(report));
}
