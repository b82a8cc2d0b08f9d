// Observes the cluster, HAProxy and the API through their published ports.
import { leaderOf } from './core/health.mjs';
import { modeOf } from './core/mode.mjs';
import { expectedMembers, ports, urlScheme } from './environment.mjs';

/** @import { Api, Instance, Member, Observation } from './core/observation.mjs' */

/** Longer than HEALTH_TIMEOUT_MS of the API. */
const healthTimeoutMs = 4_000;

/** @type {(port: number, path: string, timeoutMs?: number) => Promise<Response>} */
const ask = (port, path, timeoutMs = 2_000) =>
  fetch(`${urlScheme()}://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(timeoutMs) });

/** @type {(port: number, path: string, timeoutMs?: number) => Promise<any>} */
const askJson = async (port, path, timeoutMs) => (await ask(port, path, timeoutMs)).json();

/** @returns {Promise<Observation>} */
export async function observe() {
  const answers = ports().patroni.map(askPatroni);
  const [first, settled, api, proxied] = await Promise.all([
    Promise.any(answers).catch(() => undefined),
    Promise.allSettled(answers),
    apiStatus(),
    proxyStates(),
  ]);
  const members = first?.members ?? [];
  return {
    expected: expectedMembers(),
    scope: first?.scope ?? null,
    members,
    leader: leaderOf(members),
    mode: first?.mode,
    modes: settled.map((answer) => (answer.status === 'fulfilled' ? answer.value.mode : undefined)),
    pause: first?.pause ?? false,
    api,
    proxied,
  };
}

/** @param {number} port */
async function askPatroni(port) {
  const [cluster, config] = await Promise.all(['/cluster', '/config'].map((path) => askJson(port, path)));
  /** @type {{scope?: string, members?: Member[], pause?: boolean}} */
  const { scope, members, pause } = cluster;
  return { scope, members, pause, mode: modeOf(config) };
}

/** HAProxy's state of each server for reads: UP, DOWN, MAINT … */
async function proxyStates() {
  const metrics = await ask(ports().stats, '/metrics').then(
    (response) => response.text(),
    () => '',
  );
  const states = /^haproxy_server_status\{proxy="replicas",server="(\w+)",state="(\w+)"\} 1$/gm;
  return new Map([...metrics.matchAll(states)].map(([, name = '', state = '']) => [name, state]));
}

/**
 * The state of the API, by the port that all instances share and by the port of each.
 *
 * @returns {Promise<Api>}
 */
async function apiStatus() {
  const { api, instances } = ports();
  const answers = [api, ...instances].map((port) =>
    ask(port, '/health/ready').then(
      (response) => response.ok,
      () => undefined,
    ),
  );
  const [shared, ...each] = await Promise.all(answers);
  if (shared === undefined) return 'down';
  if (!shared) return 'not ready';
  return each.every(Boolean) ? 'ready' : 'degraded';
}

/**
 * What each instance of the API says about its database connections.
 *
 * @returns {Promise<Instance[]>}
 */
export async function observeInstances() {
  const asked = ports().instances.map(async (port, i) => {
    const name = `api${i + 1}`;
    try {
      const { details } = await askJson(port, '/health', healthTimeoutMs);
      const problems = ['write', 'read']
        .filter((side) => details[side].status === 'down')
        .map((side) => `${side} ${details[side].message}`);
      return { name, answers: true, problems };
    } catch {
      return { name, answers: false, problems: [] };
    }
  });
  return Promise.all(asked);
}
