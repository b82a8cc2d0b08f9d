// Reads what `with_lab_names` of scripts/lib puts into the environment of the programs in bin/.
import { memberNames } from './core/members.mjs';

/** @type {(name: string) => string} */
export function required(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: start this with scripts/lab`);
  return value;
}

/** @type {(name: string) => number[]} */
const numbers = (name) => required(name).split(',').map(Number);

/** Name of the Compose project. */
export const project = () => required('LAB_NAME');

/** @type {(service: string) => string} */
export const container = (service) => `${required('LAB_PREFIX')}${service}`;

/** Whether a part of the lab that is there on request should be there: `edge`, `pooler`, `secure`. */
/** @type {(name: string) => boolean} */
export const isOn = (name) => required('LAB_PROFILES').split(',').includes(name);

/** How the published HTTP ports, and etcd, are asked. */
export const urlScheme = () => (isOn('secure') ? 'https' : 'http');

/** The ports that the lab publishes on 127.0.0.1. */
export const ports = () => {
  const [api = 0, ...instances] = numbers('API_PORTS');
  return {
    /** Patroni's REST API of each member that should be there. */
    patroni: numbers('PATRONI_PORTS'),
    /** The port that all API instances share. */
    api,
    instances,
    write: Number(required('PG_WRITE_PORT')),
    read: Number(required('PG_READ_PORT')),
    stats: Number(required('HAPROXY_STATS_PORT')),
  };
};

/** The members that should be there. */
export const expectedMembers = () => memberNames(ports().patroni.length);
