import { describe, expect, it } from '@jest/globals';
import { TokenCodec } from '../consistency/consistency.token.js';
import type { Position } from '../consistency/position.js';
import type { Served } from '../consistency/served.js';
import { answerHeaders, askedBy, type RequestHeaders } from './consistency.headers.js';

const codec = new TokenCodec([{ id: 'a', secret: 's'.repeat(32) }], 300);
const position: Position = { timeline: 1, floor: 1n, ceiling: 2n, asynchronous: false, leaderOnly: false };
const token = codec.encode(7n, position);
const served: Served = { member: 'pg1', address: '10.0.0.1', role: 'leader' };
const answered = { systemId: 7n, positions: [position] };

describe('askedBy', () => {
  it.each<[title: string, headers: RequestHeaders, mode: string, systemId: bigint | undefined]>([
    ['no header', {}, 'session', undefined],
    ['a token', { 'consistency-token': token }, 'session', 7n],
    ['a token and a consistency', { 'consistency-token': token, 'read-consistency': 'strong' }, 'strong', 7n],
  ])('reads %s', (_title, headers, mode, systemId) => {
    const { consistency, claims } = askedBy(headers, codec);
    expect([consistency.mode, claims?.systemId]).toEqual([mode, systemId]);
  });

  it.each<[RequestHeaders]>([[{ 'consistency-token': 'nonsense' }], [{ 'read-consistency': 'nonsense' }]])(
    'refuses %p',
    (headers) => expect(() => askedBy(headers, codec)).toThrow(expect.objectContaining({ status: 400 })),
  );
});

describe('answerHeaders', () => {
  it.each([
    ['nothing where no node was asked', {}, 200, []],
    ['the node', { served }, 200, ['Served-By']],
    ['the node and the token', { served, answered }, 201, ['Served-By', 'Consistency-Token']],
    ['no token on an error', { served, answered }, 409, ['Served-By']],
  ])('has %s', (_title, known, status, names) => {
    const headers = answerHeaders({ served: undefined, answered: undefined, ...known }, codec, status);
    expect(Object.keys(headers)).toEqual(names);
  });
});
