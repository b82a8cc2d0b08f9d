import { describe, expect, it } from '@jest/globals';
import { type Connection, nextConnection } from './connection.state.js';

const connecting: Connection = { kind: 'connecting' };
const live: Connection = { kind: 'live' };
const lost: Connection = { kind: 'lost', sinceMs: 5 };

describe('The connection', () => {
  it.each([
    [connecting, 'snapshot', live],
    [connecting, 'error', { kind: 'lost', sinceMs: 9 }],
    [live, 'error', { kind: 'lost', sinceMs: 9 }],
    [live, 'silence', { kind: 'lost', sinceMs: 9 }],
    [lost, 'snapshot', live],
  ] as const)('that was %p is after %s %p', (before, event, after) => {
    expect(nextConnection(before, event, 9)).toEqual(after);
  });

  it.each([
    [live, 'snapshot'],
    [lost, 'error'],
    [lost, 'silence'],
  ] as const)('that was %p does not change by %s: it has been lost since the first sign', (before, event) => {
    expect(nextConnection(before, event, 9)).toBe(before);
  });
});
