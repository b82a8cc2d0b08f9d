// Asks about the cluster, or changes it, through any Patroni that answers.
//   cluster.mjs leader                       prints the leader's name
//   cluster.mjs mode [MODE]                  prints quorum, sync or async; with MODE asks Patroni for that one
//   cluster.mjs status [json]
//   cluster.mjs wait SECONDS CONDITION…      waits until all hold (core/conditions.mjs has their names)
//   cluster.mjs switchover LEADER [MEMBER]   hands leadership over to MEMBER, or to a standby that Patroni chooses
//   cluster.mjs switchover-when-told …       the same once standard input has a line; without one, nothing
import { createInterface } from 'node:readline';
import { parseCondition } from '../src/core/conditions.mjs';
import { readyStandbys } from '../src/core/health.mjs';
import { isMode, settingOf } from '../src/core/mode.mjs';
import { statusOf, statusText } from '../src/core/status.mjs';
import { expectedMembers, ports, urlScheme } from '../src/environment.mjs';
import { observeAll } from '../src/observe.containers.mjs';
import { observe } from '../src/observe.mjs';
import { configure, switchOver } from '../src/patroni.rest.mjs';

/** @import { Observation } from '../src/core/observation.mjs' */

const observeEveryMs = 300;

/** @type {(port: number) => string} */
const restUrl = (port) => `${urlScheme()}://127.0.0.1:${port}`;

/** @type {(seen: Observation) => string} */
const describe = (seen) =>
  `leader ${seen.leader?.name ?? 'none'}, ${readyStandbys(seen).length} of ${seen.expected.length - 1} replicas streaming, API ${seen.api}${seen.pause ? ', Patroni is paused' : ''}`;

/** @type {(seconds: number, texts: string[]) => Promise<boolean>} */
async function wait(seconds, texts) {
  const conditions = texts.map(parseCondition);
  const began = Date.now();
  const deadline = began + seconds * 1000;
  // Containers are asked only where a condition needs them: it is slow, and waits also measure outages.
  const observeNow = conditions.some(({ needsContainers }) => needsContainers) ? observeAll : observe;
  for (let last = ''; ; await new Promise((resolve) => setTimeout(resolve, observeEveryMs))) {
    const seen = await observeNow();
    const text = describe(seen);
    if (conditions.every(({ holds }) => holds(seen))) {
      console.error(`✓ ${text}`);
      return true;
    }
    if (Date.now() > deadline || conditions.some(({ isHopeless }) => isHopeless(seen))) {
      console.error(`✗ after ${Math.round((Date.now() - began) / 1000)} s: ${text}; waited for: ${texts.join(', ')}`);
      return false;
    }
    if (text !== last) console.error(`… ${text}`);
    last = text;
  }
}

/** @type {(format: string | undefined) => Promise<boolean>} */
async function status(format) {
  const { write, read, stats, api } = ports();
  const found = statusOf(await observeAll(), { write, read, stats, api });
  console.log(format === 'json' ? JSON.stringify(found) : statusText(found));
  return found.scope !== null;
}

/** @type {(mode: string) => Promise<boolean>} */
async function changeMode(mode) {
  if (!isMode(mode)) throw new Error(`there is no mode '${mode}'; there are ${Object.keys(settingOf).join(', ')}`);
  const change = { synchronous_mode: settingOf[mode] };
  await Promise.any(ports().patroni.map((port) => configure(restUrl(port), change)));
  return true;
}

/** @type {(leader: string, candidate: string | undefined) => Promise<boolean>} */
async function switchover(leader, candidate) {
  const port = ports().patroni[expectedMembers().indexOf(leader)];
  if (port === undefined) throw new Error(`'${leader}' is not a member`);
  await switchOver(restUrl(port), leader, candidate);
  return true;
}

/** @type {() => Promise<boolean>} */
async function isTold() {
  for await (const _ of createInterface({ input: process.stdin })) return true;
  return false;
}

/** @type {(answer: string | undefined) => boolean} */
function print(answer) {
  if (answer !== undefined) console.log(answer);
  return answer !== undefined;
}

/** @type {(command: string | undefined, rest: string[]) => Promise<boolean>} */
async function run(command, rest) {
  switch (command) {
    case 'leader':
      return print((await observe()).leader?.name);
    case 'mode':
      return rest[0] === undefined ? print((await observe()).mode) : changeMode(rest[0]);
    case 'status':
      return status(rest[0]);
    case 'switchover':
      return switchover(rest[0] ?? '', rest[1]);
    // Starting Node takes up to a second, in which those who told it would wait.
    case 'switchover-when-told':
      return (await isTold()) && switchover(rest[0] ?? '', rest[1]);
    case 'wait':
      return wait(Number(rest[0]), rest.slice(1).filter(Boolean));
    default:
      throw new Error(`there is no command '${command}'`);
  }
}

/** @type {(error: unknown) => string} */
function reasonOf(error) {
  // One error for each member that was asked.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

// Timers of AbortSignal do not keep Node alive: without this, a request to a container that is being removed would end the process.
const alive = setInterval(() => {}, 1000);
try {
  const [command, ...rest] = process.argv.slice(2);
  if (!(await run(command, rest))) process.exitCode = 1;
} catch (error) {
  console.error(`lab: ${reasonOf(error)}`);
  process.exitCode = 1;
} finally {
  clearInterval(alive);
}
