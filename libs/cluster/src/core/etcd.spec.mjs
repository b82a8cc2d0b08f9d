import { describe, expect, it } from '@jest/globals';
import { healthyEtcds } from './etcd.mjs';

// As etcdctl 3.5 prints it.
const health = (name, isHealthy) => ({ endpoint: `${name}:2379`, health: isHealthy, took: '2.1ms' });

describe('healthyEtcds', () => {
  it.each([
    [
      'all three',
      JSON.stringify(['etcd1', 'etcd2', 'etcd3'].map((name) => health(name, true))),
      ['etcd1', 'etcd2', 'etcd3'],
    ],
    ['one that did not answer', JSON.stringify([health('etcd1', true), health('etcd2', false)]), ['etcd1']],
    ['none where etcdctl could not be run', '', []],
    ['none where it printed no JSON', 'context deadline exceeded', []],
  ])('%s', (_, stdout, names) => {
    expect(healthyEtcds(stdout)).toEqual(names);
  });
});
