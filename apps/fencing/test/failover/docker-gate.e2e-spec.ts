import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { containerOf, docker } from '../../../api/test/support/docker.js';
import { LabController } from '../../../api/test/support/lab.controller.js';
import { fencing } from '../support/fencing.switch.js';

const setUpBoundMs = 300_000;
const id = '0'.repeat(64);

const cases: [method: string, path: string, status: number][] = [
  ['GET', '/containers/json', 200],
  // Docker itself answers: there is no such container.
  ['GET', `/containers/${id}/json`, 404],
  ['POST', `/containers/${id}/kill`, 403],
  ['POST', `/containers/${id}/json`, 403],
  ['POST', '/containers/create', 403],
  ['POST', '/events', 403],
  ['DELETE', `/containers/${id}`, 403],
  ['GET', `/containers/${id}/logs`, 403],
  ['GET', `/containers/${id}/archive?path=/`, 403],
  ['GET', `/containers/${id}/json/../archive?path=/`, 403],
  ['GET', '/containers/%2e%2e/secrets', 403],
  ['GET', '/secrets', 403],
  ['GET', '/images/json', 403],
  ['GET', '/info', 403],
];

describe('The gate in front of the Docker API', () => {
  beforeAll(async () => {
    await new LabController().heal();
    await fencing('on');
  }, setUpBoundMs);
  afterAll(() => fencing('off'), setUpBoundMs);

  it.each(cases)('%s %s: %i', async (method, path, status) => {
    // node:http sends the path as it is; fetch would resolve `..` first.
    const script = `require('node:http').request({host: 'docker-gate', port: 2375, method: '${method}', path: '${path}'},
      (response) => { console.log(response.statusCode); process.exit(); }).end()`;
    expect(await docker(['exec', containerOf('fencing'), 'node', '-e', script])).toBe(String(status));
  });

  it('cannot be reached from the network of the lab', async () => {
    const script = `fetch('http://docker-gate:2375/healthz').then(() => console.log('open'), () => console.log('shut'))`;
    expect(await docker(['exec', containerOf('api1'), 'node', '-e', script])).toBe('shut');
  });
});
