import { describe, expect, it } from '@jest/globals';
import { cutRules, probeRules, uncutRules } from './network.cut.js';

const rules = (cut: Parameters<typeof cutRules>[0]) => cutRules(cut).filter((line) => line.startsWith('add rule'));

describe('A cut', () => {
  it('of everything leaves the loopback alone', () => {
    expect(rules({ what: 'everything' })).toEqual([
      'add rule inet lab_chaos in iif != "lo" drop',
      'add rule inet lab_chaos out oif != "lo" drop',
    ]);
  });

  it('of the cable drops what passes the interface, and is undone and tried out there', () => {
    const chain = (side: string, table: string, policy: string) =>
      `add chain netdev ${table} ${side} { type filter hook ${side} device "eth0" priority 0; policy ${policy}; }`;
    expect(cutRules({ what: 'cable' })).toEqual([
      ...uncutRules('cable'),
      'add table netdev lab_chaos',
      chain('ingress', 'lab_chaos', 'drop'),
      chain('egress', 'lab_chaos', 'drop'),
    ]);
    expect(uncutRules('cable').at(-1)).toBe('delete table netdev lab_chaos');
    expect(probeRules('cable')).toEqual([
      'add table netdev lab_probe',
      chain('ingress', 'lab_probe', 'accept'),
      chain('egress', 'lab_probe', 'accept'),
      'delete table netdev lab_probe',
    ]);
  });

  it('from etcd names its client port in both directions', () => {
    expect(rules({ what: 'etcd' })).toEqual([
      'add rule inet lab_chaos in tcp sport 2379 drop',
      'add rule inet lab_chaos out tcp dport 2379 drop',
    ]);
  });

  it('from peers names their addresses and no port', () => {
    expect(rules({ what: 'peers', addresses: ['10.0.0.2', '10.0.0.3'] })).toEqual([
      'add rule inet lab_chaos in ip saddr { 10.0.0.2, 10.0.0.3 } drop',
      'add rule inet lab_chaos out ip daddr { 10.0.0.2, 10.0.0.3 } drop',
    ]);
  });

  it('of replication leaves the REST API between the members alone', () => {
    expect(rules({ what: 'replication', addresses: ['10.0.0.2'] })).toEqual([
      'add rule inet lab_chaos in ip saddr { 10.0.0.2 } tcp dport 5432 drop',
      'add rule inet lab_chaos out ip daddr { 10.0.0.2 } tcp sport 5432 drop',
    ]);
  });

  it('by loss drops that many of a hundred packets', () => {
    expect(rules({ what: 'loss', percent: 20 })[0]).toContain('numgen random mod 100 < 20 drop');
  });

  it('replaces an earlier cut, and undoing is no error where there is none', () => {
    expect(cutRules({ what: 'etcd' }).slice(0, 2)).toEqual(uncutRules('etcd'));
    expect(uncutRules('etcd')).toEqual(['add table inet lab_chaos', 'delete table inet lab_chaos']);
  });

  it('is tried out with its own rules, in a table that is then deleted', () => {
    expect(probeRules('replication')).toEqual([
      'add table inet lab_probe',
      'add chain inet lab_probe probe',
      'add rule inet lab_probe probe ip saddr { 192.0.2.1 } tcp dport 5432 drop',
      'add rule inet lab_probe probe ip daddr { 192.0.2.1 } tcp sport 5432 drop',
      'delete table inet lab_probe',
    ]);
    const kinds = ['everything', 'peers', 'replication', 'etcd', 'loss'] as const;
    expect(kinds.filter((what) => probeRules(what).join().includes('numgen'))).toEqual(['loss']);
  });
});
