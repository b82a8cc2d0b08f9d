// Examines the whole lab: doctor.mjs text|json|fixes. `fixes` prints code and subject of each finding that `doctor --fix` mends,
// one a line. Passwords come from the environment. The exit status is 1 when something is wrong.
import { findings } from '../src/core/findings.mjs';
import { isMember } from '../src/core/members.mjs';
import { docker } from '../src/docker.mjs';
import { container, project } from '../src/environment.mjs';
import { observeAll } from '../src/observe.containers.mjs';

/** @import { FullObservation } from '../src/core/observation.mjs' */

const roles = { app_owner: 'APP_OWNER_PASSWORD', app_user: 'APP_USER_PASSWORD', monitor: 'MONITOR_PASSWORD' };

/**
 * The roles whose password the leader refuses. The password is passed in the environment, so no process list shows it.
 *
 * @param {FullObservation} seen
 */
async function refusedRoles({ leader }) {
  if (leader === undefined) return [];
  const member = container(leader.name);
  const asked = Object.entries(roles).map(async ([role, variable]) => {
    process.env.PGPASSWORD = process.env[variable];
    const login = ['psql', '-h', leader.name, '-U', role, '-d', 'app_db', '-XAtqc', 'SELECT 1'];
    const { stderr } = await docker('exec', '-e', 'PGPASSWORD', '-e', 'PGCONNECT_TIMEOUT=5', member, ...login);
    return stderr.includes('password authentication failed') ? [role] : [];
  });
  return (await Promise.all(asked)).flat();
}

/**
 * How full the disk of each running member is.
 *
 * @param {FullObservation} seen
 */
async function diskUse({ containers }) {
  const running = [...(containers ?? [])].filter(([service, { state }]) => isMember(service) && state === 'running');
  const asked = running.map(async ([member, { name }]) => {
    const { stdout } = await docker('exec', name, 'df', '-P', '/home/postgres/pgdata');
    const used = stdout.match(/(\d+)%/);
    return used === null ? [] : [{ member, usedPercent: Number(used[1]) }];
  });
  return (await Promise.all(asked)).flat();
}

/**
 * Containers that have a name which the lab needs and belong to another project, for example to a lab under its former name.
 *
 * @param {FullObservation} seen
 */
async function strangers({ services }) {
  const { stdout } = await docker('ps', '-a', '--format', '{{.Names}} {{.Label "com.docker.compose.project"}}');
  const rows = stdout.split('\n').map((row) => row.split(' '));
  return services.flatMap((service) => {
    const [name, owner = ''] = rows.find(([own]) => own === container(service)) ?? [];
    return name === undefined || owner === project() ? [] : [{ service, name, project: owner }];
  });
}

async function volumes() {
  const ofProject = `label=com.docker.compose.project=${project()}`;
  const format = '{{.Name}} {{.Label "pg-ha-lab.layout"}}';
  const { stdout } = await docker('volume', 'ls', '--filter', ofProject, '--format', format);
  const rows = stdout.split('\n').filter(Boolean);
  return rows.map((row) => row.split(' ')).map(([name = '', layout = '']) => ({ name, layout }));
}

async function examine() {
  const seen = await observeAll();
  if (seen.containers === null) return findings(seen);
  const [refused, disks, others, found, toolbox] = await Promise.all([
    refusedRoles(seen),
    diskUse(seen),
    strangers(seen),
    volumes(),
    docker('image', 'inspect', 'pg-ha-lab/toolbox'),
  ]);
  return findings({
    ...seen,
    refused,
    disks,
    strangers: others,
    volumes: found,
    layout: process.env.LAYOUT,
    toolbox: toolbox.ok,
  });
}

// Timers of AbortSignal do not keep Node alive: without this, a request to a container that is being removed would end the process.
const alive = setInterval(() => {}, 1000);
const found = await examine();
clearInterval(alive);
switch (process.argv[2]) {
  case 'json':
    console.log(JSON.stringify({ healthy: found.length === 0, findings: found }));
    break;
  case 'fixes':
    for (const { code, subject } of found.filter(({ fixable }) => fixable)) console.log(`${code} ${subject}`);
    break;
  default:
    for (const { what, mend } of found) console.log(`✗ ${what}\n    ${mend}`);
    if (found.length === 0) console.log('✓ Nothing is wrong.');
}
if (found.length > 0) process.exitCode = 1;
