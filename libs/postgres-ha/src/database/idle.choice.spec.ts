import { describe, expect, it } from '@jest/globals';
import { chooseIdle, type IdleConnection } from './idle.choice.js';

const on = (member: string, role: IdleConnection['role'] = 'replica'): IdleConnection => ({
  node: { member, address: '', systemId: '', timeline: 1 },
  role,
  connectedAtMs: 0,
});

describe('chooseIdle', () => {
  it('answers -1 when nothing is idle', () => {
    expect(chooseIdle([], new Map())).toBe(-1);
  });

  it('takes the member that was used longest ago', () => {
    const lastUsed = new Map([
      ['patroni1', 1],
      ['patroni2', 2],
    ]);
    expect(chooseIdle([on('patroni1'), on('patroni2')], lastUsed)).toBe(0);
  });

  it('takes a member that was never used before any other', () => {
    expect(chooseIdle([on('patroni3'), on('patroni1')], new Map([['patroni1', 9]]))).toBe(0);
  });

  it('takes the connection that was released last when all else is equal', () => {
    expect(chooseIdle([on('patroni1'), on('patroni1')], new Map())).toBe(1);
  });

  it('prefers the lower rank, however recently its member was used', () => {
    const lastUsed = new Map([['patroni2', 9]]);
    const rank = ({ node }: IdleConnection) => (node.member === 'patroni2' ? 0 : 1);
    expect(chooseIdle([on('patroni1'), on('patroni2'), on('patroni3')], lastUsed, rank)).toBe(1);
  });

  it('takes a high rank when there is no other', () => {
    expect(chooseIdle([on('patroni1')], new Map(), () => 9)).toBe(0);
  });
});
